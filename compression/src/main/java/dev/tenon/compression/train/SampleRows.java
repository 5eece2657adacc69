package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Fingerprint;
import dev.tenon.compression.Samples;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;

/** Samples in memory, as rows of the inputs of their calls. Samples of one shape form a bucket. */
final class SampleRows {
    private final Set<String> names;
    private final long mostBytes;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, List<Row>> buckets = new LinkedHashMap<>();
    private int samples;
    private long bytes;

    /**
     * A sample.
     *
     * @param number its number among all samples
     * @param call the number of its call
     * @param index its number in the call
     */
    record Row(int number, int call, int index) {}

    /**
     * Samples of one call.
     *
     * @param values the inputs, and further values, by name
     * @param rows the samples
     */
    record Call(Map<String, Tensor> values, List<Row> rows) {}

    /**
     * No samples yet.
     *
     * @param names the inputs that are kept
     * @param mostBytes the bytes that all samples may take
     */
    SampleRows(Set<String> names, long mostBytes) {
        this.names = names;
        this.mostBytes = mostBytes;
    }

    /**
     * Adds the samples of a call.
     *
     * @param call the call
     * @throws CompressionException if an input has no row for each sample, or numbers that are not finite
     * @throws ResourceLimitException if samples take too much memory
     */
    void add(Samples.Call call) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        StringBuilder shape = new StringBuilder();
        for (String name : names) {
            Tensor t = call.inputs().get(name);
            String thing = "samples from number " + samples + ", input '" + name + "'";
            if (t == null || t.dtype() == DType.STRING) {
                throw new CompressionException(
                        thing,
                        t == null ? "none" : "strings",
                        "numbers for each input of the network; the samples have "
                                + String.join(", ", new TreeSet<>(call.inputs().keySet())),
                        null);
            }
            if (t.rank() == 0 || t.dim(0) != call.samples()) {
                throw new CompressionException(
                        thing,
                        "shape " + Arrays.toString(t.dims()) + " for " + call.samples() + " samples",
                        "a row for each sample",
                        "save an array with samples as rows");
            }
            checkFinite(t, i -> samples + i, "input '" + name + "'");
            inputs.put(name, t);
            shape.append(Arrays.toString(Arrays.copyOfRange(t.dims(), 1, t.rank())));
            bytes += t.byteSize();
        }
        if (bytes > mostBytes) {
            throw new ResourceLimitException(
                    "samples to train on", "more than " + mostBytes + " bytes", mostBytes + " bytes", "raise -Xmx");
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < call.samples(); i++) {
            rows.add(new Row(samples++, calls.size(), i));
        }
        buckets.computeIfAbsent(shape.toString(), s -> new ArrayList<>()).addAll(rows);
        calls.add(new Call(inputs, rows));
    }

    /**
     * Checks that numbers are finite.
     *
     * @param number the number of the sample of each row
     */
    static void checkFinite(Tensor t, IntUnaryOperator number, String what) {
        if (!t.dtype().isFloating()) {
            return;
        }
        long size = t.size() / Math.max(1, t.dim(0));
        for (long i = 0; i < t.size(); i++) {
            if (!Double.isFinite(t.getDouble(i))) {
                throw new CompressionException(
                        "sample " + number.applyAsInt((int) (i / Math.max(1, size))),
                        what + " of " + t.getDouble(i),
                        "finite numbers",
                        "take the sample out");
            }
        }
    }

    /** The number of samples. */
    int samples() {
        return samples;
    }

    /** The calls, to whose values more may be added, such as the outputs of a teacher. */
    List<Call> calls() {
        return calls;
    }

    /** Adds all values to a fingerprint. */
    void addTo(Fingerprint fingerprint) {
        calls.forEach(
                call -> call.values().forEach((name, t) -> fingerprint.add(name).add(t)));
    }

    /** The samples by shape, in the order of their first samples. */
    List<List<Row>> buckets() {
        return List.copyOf(buckets.values());
    }

    /** The shape of an input for some samples of a bucket. */
    long[] dims(Row any, String name, int rows) {
        long[] dims = values(any, name).dims();
        dims[0] = rows;
        return dims;
    }

    private Tensor values(Row row, String name) {
        return calls.get(row.call()).values().get(name);
    }

    /**
     * Copies the rows of an input into a tensor.
     *
     * @throws CompressionException if the tensor has another type of elements
     */
    void gather(List<Row> rows, String name, Tensor target) {
        for (int i = 0; i < rows.size(); i++) {
            Tensor values = values(rows.get(i), name);
            if (values.dtype() != target.dtype()) {
                throw new CompressionException(
                        "input '" + name + "' of the network to train",
                        "type " + target.dtype().text(),
                        "type " + values.dtype().text() + ", as the samples have",
                        "cast it in the network");
            }
            copy(values, rows.get(i).index(), target, i, 1);
        }
    }

    /** Copies neighbouring rows of a tensor to those of another one of the same type. */
    static void copy(Tensor from, long row, Tensor to, long at, long rows) {
        long size = to.byteSize() / to.dim(0);
        MemorySegment.copy(from.segment(), row * size, to.segment(), at * size, rows * size);
    }
}
