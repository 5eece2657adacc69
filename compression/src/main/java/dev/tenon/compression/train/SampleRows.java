package dev.tenon.compression.train;

import dev.tenon.compression.CompressionException;
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

/** Samples in memory, as rows of the inputs of their calls. Samples of one shape form a bucket. */
final class SampleRows {
    private final Set<String> names;
    private final long mostBytes;
    private final List<Map<String, Tensor>> calls = new ArrayList<>();
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
            checkFinite(t, samples, "input '" + name + "'");
            inputs.put(name, t);
            shape.append(Arrays.toString(Arrays.copyOfRange(t.dims(), 1, t.rank())));
            bytes += t.byteSize();
        }
        if (bytes > mostBytes) {
            throw new ResourceLimitException(
                    "samples to train on", "more than " + mostBytes + " bytes", mostBytes + " bytes", "raise -Xmx");
        }
        List<Row> bucket = buckets.computeIfAbsent(shape.toString(), s -> new ArrayList<>());
        for (int i = 0; i < call.samples(); i++) {
            bucket.add(new Row(samples++, calls.size(), i));
        }
        calls.add(inputs);
    }

    /** Checks that numbers are finite; a row belongs to a sample. */
    static void checkFinite(Tensor t, long firstSample, String what) {
        if (!t.dtype().isFloating()) {
            return;
        }
        long size = t.size() / Math.max(1, t.dim(0));
        for (long i = 0; i < t.size(); i++) {
            if (!Double.isFinite(t.getDouble(i))) {
                throw new CompressionException(
                        "sample " + (firstSample + i / Math.max(1, size)),
                        what + " of " + t.getDouble(i),
                        "finite numbers",
                        "take the sample out");
            }
        }
    }

    /** Adds values of all calls under a further name, such as the outputs of a teacher. */
    void put(int call, String name, Tensor values) {
        calls.get(call).put(name, values);
    }

    /** The number of samples. */
    int samples() {
        return samples;
    }

    /** The inputs of each call. */
    List<Map<String, Tensor>> calls() {
        return calls;
    }

    /** The samples by shape, in the order of their first samples. */
    List<List<Row>> buckets() {
        return List.copyOf(buckets.values());
    }

    /** The shape of an input for some samples of a bucket. */
    long[] dims(Row any, String name, int rows) {
        long[] dims = calls.get(any.call()).get(name).dims();
        dims[0] = rows;
        return dims;
    }

    /** Copies the rows of an input into a tensor. */
    void gather(List<Row> rows, String name, Tensor target) {
        MemorySegment to = target.segment();
        long size = to.byteSize() / rows.size();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            MemorySegment.copy(calls.get(row.call()).get(name).segment(), row.index() * size, to, i * size, size);
        }
    }
}
