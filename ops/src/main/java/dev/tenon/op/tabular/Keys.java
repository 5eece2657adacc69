package dev.tenon.op.tabular;

import dev.tenon.op.Operands;
import dev.tenon.op.tabular.model.NumberTable;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.StringTable;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * The keys of a table: strings, or numbers as {@link Long} or {@link Double}. It is an unmodifiable list that finds elements of
 * tensors among its own. The last one of equal keys counts. What it needs to find them is made once, when it is first asked.
 *
 * @param <E> the type of the keys
 */
final class Keys<E> extends AbstractList<E> implements RandomAccess {
    /** The most elements that are looked up at a time. */
    static final int BLOCK = 1024;

    /** The keys as elements of a tensor, and one element more. Those that are numbers are bits, too. */
    private record Elements(DType type, Object last, Tensor tensor, long[] bits) {}

    private final List<E> all;

    // Two threads may make them at the same time, which gives equal ones.
    private volatile StringTable strings;
    private volatile NumberTable numbers;
    private volatile Elements elements;

    private Keys(List<E> all) {
        this.all = all;
    }

    static <E> Keys<E> of(List<E> keys) {
        return keys instanceof Keys<E> own ? own : new Keys<>(List.copyOf(keys));
    }

    @Override
    public E get(int i) {
        return all.get(i);
    }

    @Override
    public int size() {
        return all.size();
    }

    /**
     * Finds elements of a tensor. Zeros of both signs are equal.
     *
     * @param x a tensor of strings if the keys are strings; of floats if they are Double, else of integers
     * @param from the index of the first element
     * @param found the index of the equal key for each element, or -1, overwritten from its start
     * @param n the number of elements
     */
    void find(Tensor x, long from, int[] found, int n) {
        if (x.dtype() == DType.STRING) {
            strings().find(x, from, found, n);
            return;
        }
        NumberTable table = numbers();
        if (x.dtype() == DType.INT64) {
            MemorySegment memory = x.segment();
            for (int i = 0; i < n; i++) {
                found[i] = table.find(memory.get(ValueLayout.JAVA_LONG_UNALIGNED, (from + i) * Long.BYTES));
            }
            return;
        }
        boolean floats = x.dtype().isFloating();
        for (int i = 0; i < n; i++) {
            found[i] = table.find(floats ? NumberTable.bits(x.getDouble(from + i)) : x.getLong(from + i));
        }
    }

    private StringTable strings() {
        StringTable own = strings;
        if (own == null) {
            own = StringTable.of(Tensor.of(all.toArray(String[]::new)));
            strings = own;
        }
        return own;
    }

    /** The table of keys that are numbers. */
    NumberTable numbers() {
        NumberTable own = numbers;
        if (own == null) {
            own = !all.isEmpty() && all.getFirst() instanceof Double
                    ? NumberTable.of(
                            all.stream().mapToDouble(Double.class::cast).toArray())
                    : NumberTable.of(all.stream().mapToLong(Long.class::cast).toArray());
            numbers = own;
        }
        return own;
    }

    /**
     * The keys as elements of a tensor, and one element more after them. It must not be changed.
     *
     * @param type the element type
     * @param last the last element
     */
    Tensor elements(DType type, Object last) {
        return known(type, last).tensor();
    }

    /** The bits of {@link #elements}, which are numbers. The array must not be changed. */
    long[] bits(DType type, Object last) {
        return known(type, last).bits();
    }

    private Elements known(DType type, Object last) {
        Elements known = elements;
        if (known == null || known.type() != type || !known.last().equals(last)) {
            Tensor t = Tensor.allocate(type, all.size() + 1L);
            for (int k = 0; k < all.size(); k++) {
                put(t, k, all.get(k));
            }
            put(t, all.size(), last);
            long[] bits = type == DType.STRING ? null : new long[all.size() + 1];
            for (int k = 0; bits != null && k < bits.length; k++) {
                bits[k] = t.getBits(k);
            }
            known = new Elements(type, last, t, bits);
            elements = known;
        }
        return known;
    }

    /**
     * Translates the elements of a tensor: the value at the index of the equal key takes the place of each.
     *
     * @param x the tensor, as for {@link #find}
     * @param values a value for each key
     * @param type the element type of the values
     * @param other the value of elements that are no key
     * @return a tensor of the same shape
     */
    Tensor translate(Tensor x, Keys<?> values, DType type, Object other) {
        Tensor y = Tensor.allocate(type, x.dims());
        int[] found = new int[(int) Math.min(BLOCK, x.size())];
        for (long at = 0; at < x.size(); at += found.length) {
            int n = (int) Math.min(found.length, x.size() - at);
            Operands.work(n);
            find(x, at, found, n);
            for (int i = 0; i < n; i++) {
                found[i] = found[i] < 0 ? all.size() : found[i];
            }
            if (type == DType.STRING) {
                StringTable.choose(values.elements(type, other), found, n, y, at);
            } else {
                write(values.bits(type, other), found, n, y, at);
            }
        }
        return y;
    }

    /** Writes numbers by their bits into neighbouring elements of a tensor. */
    private static void write(long[] bits, int[] chosen, int n, Tensor y, long at) {
        MemorySegment memory = y.segment();
        switch (y.dtype().bits()) {
            case Long.SIZE -> {
                for (int i = 0; i < n; i++) {
                    memory.set(ValueLayout.JAVA_LONG_UNALIGNED, (at + i) * Long.BYTES, bits[chosen[i]]);
                }
            }
            case Integer.SIZE -> {
                for (int i = 0; i < n; i++) {
                    memory.set(ValueLayout.JAVA_INT_UNALIGNED, (at + i) * Integer.BYTES, (int) bits[chosen[i]]);
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    y.setBits(at + i, bits[chosen[i]]);
                }
            }
        }
    }

    /** Sets an element to an integer, a double or a string. */
    static void put(Tensor t, long i, Object element) {
        switch (element) {
            case Long l -> t.setLong(i, l);
            case Double d -> t.setDouble(i, d);
            default -> t.setString(i, (String) element);
        }
    }
}
