package dev.tenon.samples.kafka;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sends records that can't be scored to the topic that {@code errors.dead.letter.queue.topic.name} names, in the transaction
 * that commits their offsets. A dead letter has the key, the value and the headers of the record as they came, and the reason
 * in more headers, which are named like those of Kafka Streams. Any other failure ends the stream thread: a record that fails
 * because of a fault of the application must not leave its topic.
 *
 * <p>Kafka Streams makes it by its class name: {@code processing.exception.handler}. Its own handler takes every failure for
 * one of the record, and logs a stack trace for each.
 */
public final class DeadLetters implements ProcessingExceptionHandler {
    private static final System.Logger LOG = System.getLogger(DeadLetters.class.getName());
    private static final String PREFIX = "__streams.errors.";

    private String topic;

    /** For Kafka Streams. */
    public DeadLetters() {}

    @Override
    public void configure(Map<String, ?> settings) {
        Object name = settings.get(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG);
        if (name == null) {
            throw new ConfigException(
                    StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, null, "records would be lost without it");
        }
        topic = name.toString();
    }

    @Override
    public Response handleError(ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
        if (!(exception instanceof PoisonRecordException)) {
            return Response.fail();
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "dead letter from {0}-{1} at {2,number,#}: {3}",
                context.topic(),
                context.partition(),
                context.offset(),
                exception.getMessage());
        return Response.resume(List.of(letter(context, exception)));
    }

    private ProducerRecord<byte[], byte[]> letter(ErrorHandlerContext context, Exception exception) {
        Headers headers = new RecordHeaders(context.headers());
        add(headers, "exception", exception.getCause().getClass().getName());
        add(headers, "message", exception.getMessage());
        add(headers, "topic", context.topic());
        add(headers, "partition", Integer.toString(context.partition()));
        add(headers, "offset", Long.toString(context.offset()));
        return new ProducerRecord<>(
                topic, null, context.timestamp(), context.sourceRawKey(), context.sourceRawValue(), headers);
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(PREFIX + name, value.getBytes(StandardCharsets.UTF_8));
    }
}
