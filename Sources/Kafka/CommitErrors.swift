private import CRdKafka
import FanOut

extension CommitResult {
  /// What a commit's error code means for the one who asked. An error never means "not committed".
  static func result(ofCode code: Int32) -> CommitResult {
    switch rd_kafka_resp_err_t(rawValue: code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return .committed
    case RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE:
      return .metadataRefused
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
      RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return .assignmentGone
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return .forbidden(KafkaError(code: code).name)
    default:
      return .unknown(KafkaError(code: code).name)
    }
  }
}
