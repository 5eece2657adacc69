package dev.tenon.tensor;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** The entries of a row of a matrix, by keys of the columns. Values are made when they are asked for. Unmodifiable. */
final class RowEntries extends AbstractMap<Object, Datum> {
    private static final long[] SCALAR = {};

    private final Map<Object, Integer> columns;
    private final Tensor matrix;
    private final long start;

    RowEntries(Map<Object, Integer> columns, Tensor matrix, long start) {
        this.columns = columns;
        this.matrix = matrix;
        this.start = start;
    }

    private Datum value(int column) {
        Tensor value = Tensor.allocate(matrix.dtype(), SCALAR);
        matrix.copyElementTo(start + column, value, 0);
        return value;
    }

    @Override
    public int size() {
        return columns.size();
    }

    @Override
    public boolean containsKey(Object key) {
        return columns.containsKey(key);
    }

    @Override
    public Datum get(Object key) {
        Integer column = columns.get(key);
        return column == null ? null : value(column);
    }

    @Override
    public Set<Map.Entry<Object, Datum>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return columns.size();
            }

            @Override
            public Iterator<Map.Entry<Object, Datum>> iterator() {
                Iterator<Map.Entry<Object, Integer>> all = columns.entrySet().iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return all.hasNext();
                    }

                    @Override
                    public Map.Entry<Object, Datum> next() {
                        Map.Entry<Object, Integer> next = all.next();
                        return Map.entry(next.getKey(), value(next.getValue()));
                    }
                };
            }
        };
    }
}
