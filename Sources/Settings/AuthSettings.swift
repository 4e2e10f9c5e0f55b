/// How a destination knows us. Client certificates stand under `tls`.
package enum AuthSettings: Sendable {
  case bearer(Secret)
  case basic(username: String, password: Secret)
  case apiKey(APIKeyPlace, Secret)
  case oauth2(OAuth2Settings)
  case sigv4(SigV4Settings)
}

package enum APIKeyPlace: Sendable, Equatable {
  case header(String)
  case query(String)
}

/// OAuth 2.0 client credentials (RFC 6749, 4.4).
package struct OAuth2Settings: Sendable {
  package enum SecretPlace: String, Sendable, CaseIterable { case header, body }
  package var tokenURL = EndpointURL.unset
  package var clientID = ""
  package var clientSecret = Secret("")
  package var scope: String?
  package var audience: String?
  /// Further parameters of the token request.
  package var parameters: [(name: String, value: String)] = []
  package var secretIn = SecretPlace.header
  /// To the token server; it has nothing of the destination's.
  package var tls = DestinationTLS()
  package init() {}
}

/// AWS Signature Version 4.
package struct SigV4Settings: Sendable {
  package var service = ""
  package var region = ""
  package var accessKeyID = Secret("")
  package var secretAccessKey = Secret("")
  package var sessionToken: Secret?
  package init() {}
}

/// How requests are signed.
package enum SigningSettings: Sendable {
  /// https://www.standardwebhooks.com: every secret signs, so that a receiver may know only one of them.
  case standardWebhooks(secrets: [Secret])
  case hmac(HMACSettings)
}

package struct HMACSettings: Sendable {
  package enum Algorithm: String, Sendable, CaseIterable { case sha1, sha256, sha512 }
  package enum Encoding: String, Sendable, CaseIterable { case hex, base64 }
  package var header = ""
  package var algorithm = Algorithm.sha256
  package var encoding = Encoding.hex
  /// Before the digest in the header: `sha256=`.
  package var prefix = ""
  package var secret = Secret("")
  package init() {}
}

/// Records as CloudEvents 1.0. A record that is one already passes through as itself.
package struct CloudEventSettings: Sendable, Equatable {
  package enum Mode: String, Sendable, CaseIterable { case binary, structured, batched }
  package var mode = Mode.binary
  package var type = TemplateText(literal: "")
  /// A URI reference.
  package var source = TemplateText(literal: "")
  package var subject: TemplateText?
  package init() {}
}

/// An HTTP proxy.
package struct ProxySettings: Sendable {
  package var isTLS = false
  package var host = ""
  package var port: UInt16 = 0
  package var username: String?
  package var password: Secret?
  package init() {}
}

/// `proxy` of a destination: by default what the environment says.
package enum ProxyChoiceSettings: Sendable {
  case environment
  /// `proxy: none`.
  case direct
  case proxy(ProxySettings)
}

/// The results topic: one row per record, a column per destination.
package struct ResultsSettings: Sendable, Equatable {
  package struct Keep: Sendable, Equatable {
    package var destination: String
    package var status = true
    /// jq on the response's body.
    package var body: JQText?
    package init(destination: String) { self.destination = destination }
  }
  package var topic = ""
  /// In the file's order; destinations without an entry keep the status.
  package var keep: [Keep] = []
  package init() {}
}
