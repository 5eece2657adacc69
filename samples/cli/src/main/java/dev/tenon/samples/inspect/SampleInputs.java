package dev.tenon.samples.inspect;

import dev.tenon.Model;
import dev.tenon.ValueInfo;
import dev.tenon.samples.UsageException;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Makes inputs for a model from their types. Sizes are those of the command line, or likely ones; values are random.
 */
public final class SampleInputs {
    private static final String FIRST = "*";
    private static final long SEED = 20260211;
    private static final int SEQUENCE = 128;
    private static final int IMAGE = 224;
    private static final int IMAGE_RANK = 4;
    private static final int STATE_RANK = 3;
    private static final long SAMPLE_RATE = 16000;
    private static final int WORDS = 1000;

    private SampleInputs() {}

    /**
     * Parses shapes of the command line.
     *
     * @param texts such as {@code input=1x128}; {@code input=} for a scalar
     * @return the dimensions by the names of inputs
     * @throws UsageException if a text has another form
     */
    public static Map<String, long[]> shapes(List<String> texts) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.lastIndexOf('=');
            String dims = text.substring(equals + 1);
            if (equals < 1 || !dims.matches("([0-9]{1,9}(x[0-9]{1,9})*)?")) {
                throw new UsageException("--shape " + text + " is not of the form input=1x128");
            }
            String[] sizes = dims.isEmpty() ? new String[0] : dims.split("x");
            long[] shape = new long[sizes.length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = Long.parseLong(sizes[i]);
            }
            shapes.put(text.substring(0, equals), shape);
        }
        return shapes;
    }

    /**
     * Makes inputs for a model.
     *
     * @param model the model
     * @param shapes shapes of the command line by the names of inputs; {@value #FIRST} names the first input
     * @return a tensor for each input, the same in every call
     * @throws UsageException if a shape names an input that the model does not have, or if an input is not a tensor of
     *     numbers
     */
    public static Map<String, Tensor> of(Model model, Map<String, long[]> shapes) {
        Map<String, long[]> asked = new LinkedHashMap<>(shapes);
        if (asked.containsKey(FIRST)) {
            asked.put(model.inputs().getFirst().name(), asked.remove(FIRST));
        }
        List<String> names = model.inputs().stream().map(ValueInfo::name).toList();
        for (String name : asked.keySet()) {
            if (!names.contains(name)) {
                throw new UsageException(
                        "--shape " + name + ": the model has no such input; it has " + String.join(", ", names));
            }
        }
        Map<String, Long> symbols = new HashMap<>();
        for (ValueInfo input : model.inputs()) {
            long[] dims = asked.get(input.name());
            if (dims != null
                    && input.type() instanceof TensorType t
                    && t.shape().hasRank()
                    && t.shape().rank() == dims.length) {
                for (int i = 0; i < dims.length; i++) {
                    if (!t.shape().dim(i).isKnown()) {
                        symbols.putIfAbsent(t.shape().dim(i).toString(), dims[i]);
                    }
                }
            }
        }
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            if (!(input.type() instanceof TensorType t) || t.dtype() == DType.STRING) {
                throw new UsageException(
                        "input " + input + " is not a tensor of numbers; sample values cannot be made for it");
            }
            long[] dims = asked.get(input.name());
            inputs.put(input.name(), tensor(input.name(), t.dtype(), dims == null ? dims(t, symbols) : dims, random));
        }
        return inputs;
    }

    /** Likely sizes of an input: one sentence or picture. Dimensions of the same name get the same size. */
    private static long[] dims(TensorType type, Map<String, Long> symbols) {
        List<Dim> dims = type.shape().hasRank() ? type.shape().dims() : List.of();
        long[] sizes = new long[dims.size()];
        for (int i = 0; i < sizes.length; i++) {
            Dim dim = dims.get(i);
            // The state of a recurrent network is [layers, batch, size].
            boolean batch = i == 0
                    || dim.toString().matches("(?i).*batch.*|n")
                    || i == 1 && sizes.length == STATE_RANK && dims.getFirst().isKnown();
            long likely = batch ? 1 : sizes.length == IMAGE_RANK ? IMAGE : SEQUENCE;
            sizes[i] = dim.isKnown() ? dim.value() : symbols.computeIfAbsent(dim.toString(), name -> likely);
        }
        return sizes;
    }

    private static Tensor tensor(String name, DType type, long[] dims, SplittableRandom random) {
        Tensor tensor = Tensor.allocate(type, dims);
        for (long i = 0; i < tensor.size(); i++) {
            if (type.isFloating()) {
                tensor.setDouble(i, random.nextDouble(-1, 1));
            } else if (type.isInteger()) {
                tensor.setLong(i, whole(name, type, dims, random));
            }
        }
        return tensor;
    }

    private static long whole(String name, DType type, long[] dims, SplittableRandom random) {
        if (dims.length == 0 && type == DType.INT64) {
            return SAMPLE_RATE;
        }
        if (name.contains("mask")) {
            return 1;
        }
        return name.contains("ids") && !name.contains("type") ? random.nextInt(WORDS) : 0;
    }
}
