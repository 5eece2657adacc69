package dev.tenon.formats.table;

import dev.tenon.formats.Limits;
import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import dev.tenon.formats.json.JsonText;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The columns of the rows that a model takes in one matrix, in order.
 *
 * @param columns the columns
 */
public record Columns(List<Column> columns) {
    /**
     * The name of the property of {@link ModelMetadata#properties} that holds columns. Its value is a JSON array with an object
     * for each column: {@code name}, {@code categorical} if that is true, and {@code categories}, or else {@code
     * hashes}, if they are known.
     */
    public static final String PROPERTY = "tenon.columns";

    private static final String NAME = "name";
    private static final String CATEGORICAL = "categorical";
    private static final String CATEGORIES = "categories";
    private static final String HASHES = "hashes";

    /** Copies the list. */
    public Columns {
        columns = List.copyOf(columns);
    }

    /**
     * The columns that a model's metadata names.
     *
     * @param metadata the metadata
     * @return the columns, or nothing if it names none
     * @throws MalformedModelException if the property is not what {@link #PROPERTY} says
     */
    public static Optional<Columns> of(ModelMetadata metadata) {
        String text = metadata.properties().get(PROPERTY);
        if (text == null) {
            return Optional.empty();
        }
        ModelBytes bytes = ModelBytes.of(
                "property '" + PROPERTY + "'", MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
        return Optional.of(new Columns(JsonReader.read(bytes, Limits.standard(), Columns::read)));
    }

    private static List<Column> read(DataReader in) {
        List<Column> all = new ArrayList<>();
        in.beginArray();
        while (in.nextElement()) {
            String name = "";
            boolean categorical = false;
            List<String> categories = List.of();
            int[] hashes = {};
            in.beginObject();
            for (String key = in.nextName(); key != null; key = in.nextName()) {
                switch (key) {
                    case NAME -> name = in.text();
                    case CATEGORICAL -> categorical = in.truth();
                    case CATEGORIES -> categories = in.texts();
                    case HASHES -> hashes = in.integers();
                    default -> in.skip();
                }
            }
            if (hashes.length > 0 && !categories.isEmpty()) {
                throw in.malformed("texts and hashes of the categories of column '" + name + "'", "one of them");
            }
            all.add(new Column(
                    name,
                    categorical || !categories.isEmpty() || hashes.length > 0,
                    categories,
                    Arrays.stream(hashes).boxed().toList()));
        }
        return all;
    }

    /**
     * The columns as the value of a property.
     *
     * @return the value of {@link #PROPERTY}
     */
    public String property() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Column c : columns) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put(NAME, c.name());
            if (c.isCategorical()) {
                members.put(CATEGORICAL, true);
            }
            if (!c.categories().isEmpty()) {
                members.put(CATEGORIES, c.categories());
            }
            if (!c.hashes().isEmpty()) {
                members.put(HASHES, c.hashes());
            }
            all.add(members);
        }
        return JsonText.of(all);
    }

    /**
     * The number of columns.
     *
     * @return the number
     */
    public int size() {
        return columns.size();
    }
}
