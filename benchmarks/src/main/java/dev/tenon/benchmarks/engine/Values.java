package dev.tenon.benchmarks.engine;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.OptionalDatum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Copies the values of several outputs into one array, for comparisons. */
public final class Values {
    private static final int FIRST_LENGTH = 64;

    private float[] values = new float[FIRST_LENGTH];
    private int count;

    /** No values. */
    public Values() {}

    /**
     * The values of some outputs: the elements of tensors and of sequences in order, and the values of maps in the order of the
     * texts of their keys.
     *
     * @param outputs the outputs; their numbers become floats
     * @return a new array
     */
    public static float[] floats(List<? extends Datum> outputs) {
        Values all = new Values();
        outputs.forEach(all::add);
        return all.toArray();
    }

    private void add(Datum output) {
        switch (output) {
            case Tensor t -> {
                for (long i = 0; i < t.size(); i++) {
                    add(
                            t.dtype().isFloating()
                                    ? (float) t.getDouble(i)
                                    : t.dtype() == DType.BOOL ? (t.getBoolean(i) ? 1 : 0) : t.getLong(i));
                }
            }
            case TensorSequence sequence -> sequence.forEach(this::add);
            case MapDatum map ->
                map.asMap().entrySet().stream()
                        .sorted(Comparator.comparing(e -> e.getKey().toString()))
                        .forEach(e -> add(e.getValue()));
            case OptionalDatum optional -> optional.value().ifPresent(this::add);
        }
    }

    /**
     * Adds a value.
     *
     * @param value the value
     */
    public void add(float value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
        }
        values[count++] = value;
    }

    /**
     * The values so far.
     *
     * @return a new array
     */
    public float[] toArray() {
        return Arrays.copyOf(values, count);
    }
}
