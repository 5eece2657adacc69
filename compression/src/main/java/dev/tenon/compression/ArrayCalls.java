package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.formats.npy.NpyRows;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Calls whose inputs are rows of arrays, one array for each input. */
final class ArrayCalls implements Samples.Calls {
    private static final int LARGEST_BATCH = 64;
    private static final long LARGEST_BYTES = 16L << 20;

    private final String source;
    private final Supplier<OpenArrays> opener;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private final long samples;
    private final long batch;

    /**
     * The array of an input.
     *
     * @param conversion turns its elements into those of the input
     * @param isCallByRow whether a row is the input of a call, not a sample of its batch
     */
    private record Part(InputConversion conversion, boolean isCallByRow) {}

    /** The number of rows of a call, as far as it is known, and why. */
    private record Rows(long count, String reason) {}

    /**
     * Opens the arrays once, and checks them against the inputs of a model.
     *
     * @param source the file in messages
     * @param opener opens the arrays for a pass
     * @param inputs the inputs of the model
     * @param normalization what is done with integers for an input of floating-point numbers
     */
    ArrayCalls(String source, Supplier<OpenArrays> opener, List<ValueInfo> inputs, PixelNormalization normalization) {
        this.source = source;
        this.opener = opener;
        try (OpenArrays open = opener.get()) {
            Map<String, NpyRows> arrays = open.arrays();
            checkNames(arrays, inputs);
            this.samples = rows(arrays);
            Rows fixed = null;
            long rowBytes = 0;
            for (ValueInfo input : inputs) {
                NpyRows array = arrays.get(input.name());
                String thing = thing(input.name());
                TensorType type = InputConversion.type(input);
                InputConversion conversion = InputConversion.of(thing, array.dtype(), input, normalization);
                boolean isCallByRow = isCallByRow(thing, type, array);
                parts.put(input.name(), new Part(conversion, isCallByRow));
                fixed = agree(fixed, fixedRows(input, type, isCallByRow));
                rowBytes += bytesOfRow(array, type);
            }
            this.batch = fixed != null
                    ? fixed.count()
                    : Math.clamp(LARGEST_BYTES / Math.max(1, rowBytes), 1L, LARGEST_BATCH);
            if (fixed != null) {
                checkBatch(fixed);
            }
            checkShapes(inputs, arrays);
        }
    }

    private void checkBatch(Rows fixed) {
        if (batch == 0 || samples % batch != 0) {
            throw new CompressionException(
                    source,
                    samples + " samples, but " + fixed.reason(),
                    batch == 0 ? "models with a batch of 1 and above" : "multiples of " + batch,
                    batch == 0 ? null : "leave out the last " + samples % batch);
        }
    }

    private String thing(String input) {
        return source + ", array for input '" + input + "'";
    }

    private void checkNames(Map<String, NpyRows> arrays, List<ValueInfo> inputs) {
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        String allowed = String.join(", ", names);
        for (String name : names) {
            if (!arrays.containsKey(name)) {
                throw new CompressionException(
                        source,
                        "no array for input '" + name + "', but " + (arrays.isEmpty() ? "none" : arrays.keySet()),
                        "an array for each of " + allowed,
                        null);
            }
        }
        for (String name : arrays.keySet()) {
            if (!names.contains(name)) {
                throw new CompressionException(source, "an array '" + name + "' for no input", allowed, "leave it out");
            }
        }
    }

    /** The number of rows, which all arrays share. */
    private long rows(Map<String, NpyRows> arrays) {
        long rows = -1;
        for (Map.Entry<String, NpyRows> entry : arrays.entrySet()) {
            NpyRows array = entry.getValue();
            if (array.dims().length == 0) {
                throw new CompressionException(thing(entry.getKey()), "a scalar", "arrays of rank 1 and above", null);
            }
            if (rows >= 0 && array.rows() != rows) {
                throw new CompressionException(
                        source,
                        arrays.entrySet().stream()
                                        .map(e ->
                                                e.getKey() + ": " + e.getValue().rows())
                                        .collect(Collectors.joining(", "))
                                + " samples",
                        "the same number for each input",
                        null);
            }
            rows = array.rows();
        }
        if (rows == 0) {
            throw new CompressionException(source, "no samples", "1 and more", null);
        }
        return Math.max(0, rows);
    }

    private static boolean isCallByRow(String thing, TensorType type, NpyRows array) {
        int rank = array.dims().length;
        if (!type.shape().hasRank() || rank == type.shape().rank()) {
            return false;
        }
        if (rank != type.shape().rank() + 1) {
            throw new CompressionException(
                    thing,
                    "shape " + Arrays.toString(array.dims()) + " of rank " + rank,
                    "rank " + type.shape().rank() + " with samples as rows, or rank "
                            + (type.shape().rank() + 1) + " with calls as rows, for " + type.text(),
                    null);
        }
        return true;
    }

    /** The rows that an input takes for a call; null if it takes any number. */
    private static Rows fixedRows(ValueInfo input, TensorType type, boolean isCallByRow) {
        if (isCallByRow) {
            return new Rows(1, "the array for '" + input.name() + "' has the input of a call in each row");
        }
        return type.shape().hasRank() && type.shape().dim(0).isKnown()
                ? new Rows(type.shape().dim(0).value(), "input '" + input.name() + "' is " + type.text())
                : null;
    }

    private Rows agree(Rows a, Rows b) {
        if (a == null || b == null || a.count() == b.count()) {
            return a == null ? b : a;
        }
        throw new CompressionException(
                source,
                a.reason() + ", but " + b.reason(),
                "arrays with the same number of samples in a call",
                "save an array of one rank more, with the input of a call in each row, for each input");
    }

    private static long bytesOfRow(NpyRows array, TensorType type) {
        long elements =
                array.dtype() == DType.STRING ? 1 : Shape.of(array.dims()).knownElements();
        return type.dtype().byteSize(elements / Math.max(1, array.rows()));
    }

    /** The shape of an input in a call with some rows. */
    private long[] shape(NpyRows array, Part part, long rows) {
        long[] dims = array.dims();
        if (part.isCallByRow()) {
            return Arrays.copyOfRange(dims, 1, dims.length);
        }
        dims[0] = rows;
        return dims;
    }

    private void checkShapes(List<ValueInfo> inputs, Map<String, NpyRows> arrays) {
        Map<Dim, Long> sizes = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            NpyRows array = arrays.get(input.name());
            Part part = parts.get(input.name());
            String thing = thing(input.name());
            long[] dims = shape(array, part, Math.min(batch, samples));
            TensorType type = InputConversion.type(input);
            if (!type.shape().compatibleWith(Shape.of(dims))) {
                throw new CompressionException(
                        thing, "shape " + Arrays.toString(array.dims()), "rows for " + type.text(), null);
            }
            part.conversion().check(thing, dims);
            for (int i = 0; i < dims.length && type.shape().hasRank(); i++) {
                Dim dim = type.shape().dim(i);
                Long other = dim.isKnown() ? null : sizes.put(dim, dims[i]);
                if (other != null && other != dims[i]) {
                    throw new CompressionException(
                            thing,
                            "dimension " + i + " of " + dims[i],
                            other + " as '" + dim + "' of another input",
                            null);
                }
            }
        }
    }

    @Override
    public long samples() {
        return samples;
    }

    @Override
    public void forEach(Consumer<Samples.Call> action) {
        try (OpenArrays open = opener.get()) {
            for (long done = 0; done < samples; done += batch) {
                long rows = Math.min(batch, samples - done);
                Map<String, Tensor> inputs = new LinkedHashMap<>();
                parts.forEach((name, part) -> {
                    NpyRows array = open.arrays().get(name);
                    if (array == null || array.remaining() < rows) {
                        throw new CompressionException(source, "other arrays than before", "the same arrays", null);
                    }
                    Tensor stored = array.next(rows);
                    inputs.put(name, part.conversion().apply(stored.reshape(shape(array, part, rows))));
                });
                action.accept(new Samples.Call(inputs, rows));
            }
        }
    }
}
