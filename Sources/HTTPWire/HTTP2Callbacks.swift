internal import CNGHTTP2

/// Leads nghttp2's callbacks to the session that they are of. It calls them only from inside `receive` and `send`, while
/// the session is alive.
enum HTTP2Callbacks {
  static func set(on callbacks: OpaquePointer?) {
    unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks, http2Header)
    unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, http2Data)
    unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, http2Received)
    unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, http2Refused)
    unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, http2Sent)
    unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, http2Closed)
  }
}

private func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
  unsafe user.map { unsafe Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
}

private func span(_ start: UnsafePointer<UInt8>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
  unsafe UnsafeBufferPointer(start: start, count: count)
}

private func http2Header(
  _: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ name: UnsafePointer<UInt8>?, _ nameCount: Int,
  _ value: UnsafePointer<UInt8>?, _ valueCount: Int, _: UInt8, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let session = unsafe session(user), let frame = unsafe frame else { return 0 }
  let isTaken = unsafe session.tookField(
    frame.pointee.hd.stream_id, Span(_unsafeElements: span(name, nameCount)),
    Span(_unsafeElements: span(value, valueCount)))
  // Resets the stream, and goes on with the connection.
  return isTaken ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
}

private func http2Data(
  _: OpaquePointer?, _: UInt8, _ id: Int32, _ data: UnsafePointer<UInt8>?, _ count: Int,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe session(user)?.tookBody(id, Span(_unsafeElements: span(data, count)))
  return 0
}

private func http2Received(
  _: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let session = unsafe session(user), let frame = unsafe frame?.pointee else { return 0 }
  let id = unsafe frame.hd.stream_id
  let flags = unsafe UInt32(frame.hd.flags)
  switch unsafe UInt32(frame.hd.type) {
  case NGHTTP2_HEADERS.rawValue:
    session.headEnded(id)
    if flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { session.streamEnded(id) }
  case NGHTTP2_DATA.rawValue: if flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { session.streamEnded(id) }
  case NGHTTP2_SETTINGS.rawValue: if flags & NGHTTP2_FLAG_ACK.rawValue == 0 { session.settingsCame() }
  case NGHTTP2_RST_STREAM.rawValue: session.streamReset(id, code: unsafe frame.rst_stream.error_code)
  case NGHTTP2_GOAWAY.rawValue: session.serverSaidGoodbye(code: unsafe frame.goaway.error_code)
  default: break
  }
  return 0
}

private func http2Refused(
  _: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ code: Int32, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let session = unsafe session(user), let frame = unsafe frame else { return 0 }
  session.refusedFrame(unsafe frame.pointee.hd.stream_id, code: code)
  return 0
}

private func http2Sent(
  _: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let session = unsafe session(user), let frame = unsafe frame?.pointee else { return 0 }
  switch unsafe UInt32(frame.hd.type) {
  case NGHTTP2_HEADERS.rawValue: session.headSent(unsafe frame.hd.stream_id)
  case NGHTTP2_GOAWAY.rawValue: session.saidGoodbye(code: unsafe frame.goaway.error_code)
  default: break
  }
  return 0
}

private func http2Closed(
  _: OpaquePointer?, _ id: Int32, _ code: UInt32, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  unsafe session(user)?.streamClosed(id, code: code)
  return 0
}

/// Gives nghttp2 the next part of a request's body.
func http2Reads(
  _: OpaquePointer?, _ id: Int32, _ buffer: UnsafeMutablePointer<UInt8>?, _ size: Int,
  _ flags: UnsafeMutablePointer<UInt32>?, _: UnsafeMutablePointer<nghttp2_data_source>?,
  _ user: UnsafeMutableRawPointer?
) -> Int {
  let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: size)
  guard let part = unsafe session(user)?.copyBody(id, into: room) else {
    return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
  }
  if part.isLast, let flags = unsafe flags { unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
  return part.count
}
