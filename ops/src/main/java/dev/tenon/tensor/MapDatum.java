package dev.tenon.tensor;

import dev.tenon.error.InvalidTensorException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A map from integers or strings to values, in the order of its keys tensor. Keys and values are shared, not copied. Do
 * not change the keys tensor afterwards: look-ups would fail.
 */
public final class MapDatum implements Datum {
    private final MapType type;
    private final Tensor keys;
    private final Map<Object, Datum> entries;

    private MapDatum(MapType type, Tensor keys, Map<Object, Datum> entries) {
        this.type = type;
        this.keys = keys;
        this.entries = Collections.unmodifiableMap(entries);
    }

    /**
     * A map of values that are elements of a sequence.
     *
     * @param keys the keys: [n], of an integer type or strings, each once
     * @param values the n values
     * @return the map
     * @throws InvalidTensorException if the keys are not one-dimensional, of another type, repeated, or not as many as
     *     the values
     */
    public static MapDatum of(Tensor keys, TensorSequence values) {
        MapType type = new MapType(keys.dtype(), values.type().element());
        requireKeys(keys, values.size());
        Map<Object, Datum> entries = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            put(entries, keys, i, values.get(i));
        }
        return new MapDatum(type, keys, entries);
    }

    /**
     * A map of values that are slices of a tensor along its first dimension.
     *
     * @param keys the keys: [n], of an integer type or strings, each once
     * @param values the values: [n, …]; value i has the shape without the first dimension
     * @return the map
     * @throws InvalidTensorException if the keys are not one-dimensional, of another type, repeated, or not as many as
     *     the values
     */
    public static MapDatum of(Tensor keys, Tensor values) {
        if (values.rank() == 0) {
            throw new InvalidTensorException("map", "values " + values.type(), "values of rank 1 or more", null);
        }
        long[] all = values.dims();
        long[] dims = new long[all.length - 1];
        System.arraycopy(all, 1, dims, 0, dims.length);
        MapType type = new MapType(keys.dtype(), new TensorType(values.dtype(), Shape.of(dims)));
        requireKeys(keys, values.dim(0));
        Map<Object, Datum> entries = new LinkedHashMap<>();
        for (long i = 0; i < values.dim(0); i++) {
            put(entries, keys, i, values.row(i, dims));
        }
        return new MapDatum(type, keys, entries);
    }

    /**
     * A map for each row of a matrix. The maps share the keys and the matrix, so that a row costs little.
     *
     * @param keys the keys of each map: integers or strings, of rank 1, each once
     * @param values the values: a row for each map, a column for each key; it must not change any more
     * @return the maps
     * @throws InvalidTensorException if the keys are not distinct or not as many as the columns, or the values no matrix
     */
    public static List<MapDatum> ofRows(Tensor keys, Tensor values) {
        if (values.rank() != 2) {
            throw new InvalidTensorException("maps", "values " + values.type(), "a matrix", null);
        }
        requireKeys(keys, values.dim(1));
        Map<Object, Integer> columns = new LinkedHashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            put(columns, keys, i, i);
        }
        MapType type = new MapType(keys.dtype(), new TensorType(values.dtype(), Shape.scalar()));
        MapDatum[] maps = new MapDatum[Math.toIntExact(values.dim(0))];
        for (int r = 0; r < maps.length; r++) {
            maps[r] = new MapDatum(type, keys, new RowEntries(columns, values, r * keys.size()));
        }
        return List.of(maps);
    }

    private static void requireKeys(Tensor keys, long count) {
        if (keys.rank() != 1 || keys.size() != count) {
            throw new InvalidTensorException(
                    "map", "keys " + keys.type() + " for " + count + " values", "as many keys, of rank 1", null);
        }
    }

    private static <V> void put(Map<Object, V> entries, Tensor keys, long i, V value) {
        Object key = keys.dtype() == DType.STRING ? keys.getString(i) : Long.valueOf(keys.getLong(i));
        if (entries.putIfAbsent(key, value) != null) {
            String text = String.valueOf(key);
            throw new InvalidTensorException(
                    "map", "key " + TextReader.excerpt(text) + " occurs twice", "distinct keys", null);
        }
    }

    @Override
    public MapType type() {
        return type;
    }

    @Override
    public MapDatum copy() {
        Map<Object, Datum> copies = new LinkedHashMap<>();
        entries.forEach((key, value) -> copies.put(key, value.copy()));
        return new MapDatum(type, keys.copy(), copies);
    }

    /** {@return the number of entries} */
    public int size() {
        return entries.size();
    }

    /** {@return the keys: [n], integers or strings} */
    public Tensor keys() {
        return keys;
    }

    /**
     * The value of an integer key.
     *
     * @param key the key; for {@link DType#UINT64} its bits
     * @return the value; empty if there is none
     */
    public Optional<Datum> get(long key) {
        return Optional.ofNullable(entries.get(key));
    }

    /**
     * The value of a string key.
     *
     * @param key the key
     * @return the value; empty if there is none
     */
    public Optional<Datum> get(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** {@return all entries in the order of the keys: {@link Long} or {@link String} to value; unmodifiable} */
    public Map<Object, Datum> asMap() {
        return entries;
    }

    /** {@return the type, the size and the first entries} */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(type.text())
                .append(" of ")
                .append(entries.size())
                .append(" {");
        int shown = 0;
        for (Map.Entry<Object, Datum> entry : entries.entrySet()) {
            if (shown == 4) {
                return out.append(", …}").toString();
            }
            out.append(shown++ == 0 ? "" : ", ")
                    .append(entry.getKey())
                    .append(": ")
                    .append(entry.getValue());
        }
        return out.append('}').toString();
    }
}
