package dev.tenon.samples.kafka;

import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sends records that can't be scored to the topic that {@code errors.dead.letter.queue.topic.name} names, with their
 * bytes and the reason in headers, in the transaction that commits their offsets. Any other failure ends the stream
 * thread: a record that fails because of a fault of the application must not leave its topic.
 *
 * <p>Kafka Streams makes it by its class name: {@code processing.exception.handler}.
 */
public final class DeadLetters extends LogAndContinueProcessingExceptionHandler {
    /** For Kafka Streams. */
    public DeadLetters() {}

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        return exception instanceof PoisonRecordException
                ? super.handleError(context, record, exception)
                : Response.fail();
    }
}
