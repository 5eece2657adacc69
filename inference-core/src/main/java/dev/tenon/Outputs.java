package dev.tenon;

import dev.tenon.error.InvalidInputException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/**
 * The outputs of a prediction by name, in the order of the model. They belong to the caller: later predictions do not
 * change them, and the garbage collector frees them. An unmodifiable map.
 */
public final class Outputs extends AbstractMap<String, Datum> {
    /** So many names are looked through faster than they are put into a map. */
    private static final int FEW = 16;

    /** In place of the end of rows: there is nothing to copy. */
    private static final int NOT_LATE = -1;

    private final List<String> names;
    /** A list of values; or the outputs of which these are rows, until they are read. */
    private Object values;
    /** The first of the rows that are copied when they are read first. */
    private final int firstRow;
    /** The row after the last of them; {@link #NOT_LATE} if these outputs have values from the start. */
    private final int endRow;
    /** The places of many names; null until one is looked up. */
    private volatile Map<String, Integer> places;

    Outputs(List<String> names, List<Datum> values) {
        this(names, values, 0, NOT_LATE);
    }

    private Outputs(List<String> names, Object values, int firstRow, int endRow) {
        this.names = names;
        this.values = values;
        this.firstRow = firstRow;
        this.endRow = endRow;
        // A thread that gets this object by a race sees the values, too.
        VarHandle.storeStoreFence();
    }

    /** Rows that are copied late. A class of its own, because a first prediction should not wait until its handle is made. */
    private static final class LateRows {
        private static final VarHandle VALUES = valuesField();

        private LateRows() {}

        private static VarHandle valuesField() {
            try {
                return MethodHandles.lookup().findVarHandle(Outputs.class, "values", Object.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        /** The values. Rows are copied by the first thread that asks; all threads get the same copies. */
        static Object of(Outputs o) {
            Object now = VALUES.getAcquire(o);
            if (!(now instanceof Outputs all)) {
                return now;
            }
            List<Datum> copies = all.copiesOfRows(o.firstRow, o.endRow);
            return VALUES.compareAndSet(o, all, copies) ? copies : VALUES.getAcquire(o);
        }
    }

    @SuppressWarnings("unchecked")
    private List<Datum> owned() {
        return (List<Datum>) (endRow == NOT_LATE ? values : LateRows.of(this));
    }

    /**
     * Outputs with given values, as a prediction would return them: rows of a larger prediction, or values of a test.
     *
     * @param values the values by name, none null; the order of the map is that of the outputs
     * @return the outputs
     */
    public static Outputs of(Map<String, ? extends Datum> values) {
        List<String> names = new ArrayList<>(values.size());
        List<Datum> data = new ArrayList<>(values.size());
        values.forEach((name, value) -> {
            names.add(name);
            data.add(value);
        });
        return new Outputs(List.copyOf(names), List.copyOf(data));
    }

    /**
     * Some rows of all outputs: the part of one caller, where rows of several were computed together. The rows of a
     * tensor run along its first dimension, those of a sequence are its elements.
     *
     * @param from the first row
     * @param to the row after the last
     * @return copies of these rows; they do not change, and do not keep the memory of the others
     * @throws InvalidInputException if an output is neither a tensor nor a sequence
     * @throws dev.tenon.error.InvalidTensorException if an output does not have these rows
     */
    public Outputs rows(long from, long to) {
        return new Outputs(names, copiesOfRows(from, to));
    }

    /**
     * Some rows of all outputs, like {@link #rows}, but copied when one of them is read for the first time: many callers
     * then copy their rows on their own threads. Until then, the result keeps these outputs, whose elements must not
     * change. Any threads may read the result. Where an output is a sequence, all are copied at once.
     *
     * @param from the first row
     * @param to the row after the last
     * @return these rows
     * @throws InvalidInputException if an output is neither a tensor nor a sequence
     * @throws dev.tenon.error.InvalidTensorException if an output does not have these rows
     */
    public Outputs rowsToRead(long from, long to) {
        boolean late = from >= 0 && from <= to && to <= Integer.MAX_VALUE;
        List<Datum> all = owned();
        for (int i = 0; late && i < all.size(); i++) {
            late = all.get(i) instanceof Tensor t && t.rank() > 0 && to <= t.dim(0);
        }
        return late ? new Outputs(names, this, (int) from, (int) to) : rows(from, to);
    }

    private List<Datum> copiesOfRows(long from, long to) {
        Datum[] parts = new Datum[names.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = copyOfRows(i, from, to);
        }
        return List.of(parts);
    }

    private Datum copyOfRows(int i, long from, long to) {
        return switch (owned().get(i)) {
            case Tensor t -> copyOfRows(t, from, to);
            case TensorSequence s ->
                s.slice(Math.toIntExact(from), Math.toIntExact(to)).copy();
            default ->
                throw new InvalidInputException(
                        "output '" + names.get(i) + "'",
                        owned().get(i).type() + " has no rows",
                        "a tensor or a sequence",
                        null);
        };
    }

    private static Tensor copyOfRows(Tensor all, long from, long to) {
        if (all.dtype() == DType.STRING || all.dtype().isSubByte() || from < 0 || to < from || to > all.dim(0)) {
            return all.slice(from, to).copy();
        }
        long rowBytes = all.byteSize() / Math.max(1, all.dim(0));
        long[] dims = all.dims();
        dims[0] = to - from;
        Tensor some = Tensor.allocate(all.dtype(), dims);
        MemorySegment.copy(all.segment(), from * rowBytes, some.segment(), 0, (to - from) * rowBytes);
        return some;
    }

    /**
     * An output that is a tensor.
     *
     * @param name its name
     * @return the tensor
     * @throws InvalidInputException if there is no output of this name, or it is no tensor
     */
    public Tensor tensor(String name) {
        int i = place(name);
        if (i < 0) {
            throw new InvalidInputException("output '" + name + "'", "no such output", String.join(", ", names), null);
        }
        return tensor(i);
    }

    /**
     * The only output of a model that has one output, which is a tensor.
     *
     * @return the tensor
     * @throws InvalidInputException if the model has several outputs, or the output is no tensor
     */
    public Tensor tensor() {
        if (names.size() != 1) {
            throw new InvalidInputException(
                    "output", names.size() + " outputs", "one", "name it: " + String.join(", ", names));
        }
        return tensor(0);
    }

    private Tensor tensor(int i) {
        if (owned().get(i) instanceof Tensor t) {
            return t;
        }
        throw new InvalidInputException(
                "output '" + names.get(i) + "'", owned().get(i).type().toString(), "a tensor", "use find or get");
    }

    /**
     * An output of any kind.
     *
     * @param name its name
     * @return the output, empty if there is none of this name
     */
    public Optional<Datum> find(String name) {
        return Optional.ofNullable(get(name));
    }

    /**
     * An output of any kind, as a map returns it.
     *
     * @param name its name
     * @return the output, or null if there is none of this name; {@link #find} returns an Optional
     */
    @Override
    public Datum get(Object name) {
        int i = place(name);
        return i < 0 ? null : owned().get(i);
    }

    @Override
    public boolean containsKey(Object name) {
        return place(name) >= 0;
    }

    private int place(Object name) {
        if (names.size() <= FEW) {
            return names.indexOf(name);
        }
        Map<String, Integer> known = places;
        if (known == null) {
            known = HashMap.newHashMap(names.size());
            for (int i = 0; i < names.size(); i++) {
                known.put(names.get(i), i);
            }
            places = known;
        }
        return known.getOrDefault(name, -1);
    }

    @Override
    public Set<Map.Entry<String, Datum>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return names.size();
            }

            @Override
            public Iterator<Map.Entry<String, Datum>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < names.size();
                    }

                    @Override
                    public Map.Entry<String, Datum> next() {
                        if (!hasNext()) {
                            throw new NoSuchElementException();
                        }
                        return Map.entry(names.get(next), owned().get(next++));
                    }
                };
            }
        };
    }
}
