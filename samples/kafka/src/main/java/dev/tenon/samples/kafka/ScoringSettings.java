package dev.tenon.samples.kafka;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.samples.kafka.ScoringProcessor.OnLimit;
import dev.tenon.serving.BatchOptions;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The settings of the application, from a file of properties. Those that begin with {@code tenon.} are its own, the others
 * are those of Kafka Streams.
 *
 * @param model the file of the model
 * @param input the topic that is read
 * @param output the topic that is written
 * @param format how values are written: {@code tenon.format} and {@code tenon.columns}
 * @param batches the most records that run together, {@code tenon.batch.rows}, and how many runs of the model go on at the same
 *     time, {@code tenon.slots}; 0 for one a processor
 * @param onLimit the fate of a record whose prediction exceeds a limit, {@code tenon.limit.exceeded}: {@code dead-letter} or
 *     {@code fail}
 * @param streams the settings of Kafka Streams
 */
public record ScoringSettings(
        Path model,
        String input,
        String output,
        ValueFormat format,
        BatchOptions batches,
        OnLimit onLimit,
        Properties streams) {
    private static final String OWN = "tenon.";
    private static final String STANDARD_ROWS = "32";

    /**
     * Reads the settings, and sets what the application needs: exactly-once processing, and the handler of records that
     * can't be scored.
     *
     * @param properties the settings by name
     * @return the settings
     * @throws InvalidOptionException if one is missing or wrong
     */
    public static ScoringSettings of(Properties properties) {
        Properties streams = new Properties();
        for (String name : properties.stringPropertyNames()) {
            if (!name.startsWith(OWN)) {
                streams.setProperty(name, properties.getProperty(name));
            }
        }
        // Without the topic, records that can't be scored would be dropped.
        required(properties, StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG);
        streams.putIfAbsent(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        streams.setProperty(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.class.getName());
        return new ScoringSettings(
                Path.of(required(properties, OWN + "model")),
                required(properties, OWN + "input"),
                required(properties, OWN + "output"),
                ValueFormat.of(
                        properties.getProperty(OWN + "format", "floats"), properties.getProperty(OWN + "columns", "")),
                batches(
                        number(properties, OWN + "batch.rows", STANDARD_ROWS, 1),
                        number(properties, OWN + "slots", "0", 0)),
                onLimit(properties, OWN + "limit.exceeded"),
                streams);
    }

    /** A stream thread waits if too much does. */
    private static BatchOptions batches(int maxRows, int slots) {
        BatchOptions options =
                BatchOptions.standard().onFull(BatchOptions.OnFull.BLOCK).maxRows(maxRows);
        return slots > 0 ? options.slots(slots) : options;
    }

    private static String required(Properties properties, String name) {
        String value = properties.getProperty(name);
        if (value == null || value.isBlank()) {
            throw new InvalidOptionException(name, "missing", "a value", "add it to the file of properties");
        }
        return value.strip();
    }

    private static OnLimit onLimit(Properties properties, String name) {
        String value = properties.getProperty(name, "dead-letter").strip();
        return switch (value) {
            case "dead-letter" -> OnLimit.DEAD_LETTER;
            case "fail" -> OnLimit.FAIL;
            default -> throw new InvalidOptionException(name, value, "dead-letter or fail", null);
        };
    }

    private static int number(Properties properties, String name, String standard, int least) {
        String value = properties.getProperty(name, standard).strip();
        try {
            int number = Integer.parseInt(value);
            if (number >= least) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new InvalidOptionException(name, value, "an integer", null);
        }
        throw new InvalidOptionException(name, value, least + " or more", null);
    }
}
