package dev.tenon.samples.kafka;

import dev.tenon.Model;
import dev.tenon.error.InvalidOptionException;
import java.util.List;
import java.util.stream.Stream;

/**
 * How values are written.
 *
 * @param kind as numbers or as JSON
 * @param columns the names of the columns, if values are JSON and the model has a matrix whose file does not name them
 */
public record ValueFormat(Kind kind, List<String> columns) {
    /** The ways to write a value. */
    public enum Kind {
        /** As {@link FloatsSerde} does. */
        FLOATS,
        /** As an object with a member for each column, and one for each output. */
        JSON
    }

    static ValueFormat of(String kind, String columns) {
        List<String> names = Stream.of(columns.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        return switch (kind.strip()) {
            case "json" -> new ValueFormat(Kind.JSON, names);
            case "floats" -> {
                if (!names.isEmpty()) {
                    throw new InvalidOptionException(
                            "tenon.columns", columns, "none where values are floats", "take tenon.format = json");
                }
                yield new ValueFormat(Kind.FLOATS, names);
            }
            default -> throw new InvalidOptionException("tenon.format", kind, "floats or json", null);
        };
    }

    /** Reads and writes the values of a model, from a topic that errors name. */
    Values of(Model model, String topic) {
        return kind == Kind.JSON ? new JsonValues(model, columns) : new FloatValues(model, topic);
    }
}
