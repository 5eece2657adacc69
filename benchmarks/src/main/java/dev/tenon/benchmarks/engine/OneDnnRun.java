package dev.tenon.benchmarks.engine;

import dev.tenon.benchmarks.engine.OneDnnRecipe.Operand;
import dev.tenon.benchmarks.engine.OneDnnRecipe.Window;
import dev.tenon.graph.Graph;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A product or a convolution by oneDNN on one thread. Constant weights are packed before the call, as oneDNN likes them. So are
 * images with channels first, which its kernels do not read as they are; the call computes in the packed form. A product in BF16
 * reads a left operand that was rounded before the call.
 */
public final class OneDnnRun implements PreparedRun {
    private static final long ALIGNMENT = 64;
    private static final int PAIR_BYTES = 16;
    private static final int ADDRESS_AT = 8;

    private static final int INFERENCE = 96;
    private static final int DIRECT = 1;
    private static final int RELU = 32;
    private static final int BINARY_ADD = 131056;

    private static final int SCALES = 4096;
    private static final int ZERO_POINTS = 8192;
    private static final int FIRST_ADDED = 32768 | 2;

    private static final int SOURCE_FORMAT = 129;
    private static final int WEIGHTS_FORMAT = 131;
    private static final int RESULT_FORMAT = 133;
    private static final int NAME = 8;

    /** A memory object and its bytes. */
    private record Memory(MemorySegment object, MemorySegment bytes) {}

    private final Arena arena = Arena.ofAuto();
    private final List<Runnable> frees = new ArrayList<>();
    private final List<Integer> numbers = new ArrayList<>();
    private final List<Memory> operands = new ArrayList<>();
    private final OneDnnRecipe recipe;
    private final MemorySegment primitive;
    private final MemorySegment pairs;
    private final Memory result;
    private final MemorySegment resultFormat;
    private final String implementation;
    private Thread limited;

    /**
     * Whether oneDNN computes a graph by one primitive.
     *
     * @param graph a graph
     * @param inputs a tensor for each input, by name
     * @return true if it does
     */
    public static boolean takes(Graph graph, Map<String, Tensor> inputs) {
        return OneDnnRecipes.of(graph, inputs) != null;
    }

    /**
     * Makes the primitive and packs its operands.
     *
     * @param graph a graph that {@link #takes} takes
     * @param inputs a tensor for each input, by name
     * @throws IllegalStateException if oneDNN is absent
     */
    public OneDnnRun(Graph graph, Map<String, Tensor> inputs) {
        String absence = OneDnn.absence();
        if (absence != null) {
            throw new IllegalStateException(Engines.ONEDNN + " cannot run here: " + absence);
        }
        limit();
        recipe = OneDnnRecipes.of(graph, inputs);
        MemorySegment attributes = freed(OneDnn.make("dnnl_primitive_attr_create"), "dnnl_primitive_attr_destroy");
        parameters(attributes);
        afterwards(attributes);
        MemorySegment description = freed(
                recipe.window() == null ? product(attributes) : convolution(attributes), "dnnl_primitive_desc_destroy");
        implementation = name(description);
        primitive = freed(OneDnn.make("dnnl_primitive_create", description), "dnnl_primitive_destroy");
        add(OneDnnRecipe.SOURCE, packed(recipe.source(), format(description, SOURCE_FORMAT)));
        add(OneDnnRecipe.WEIGHTS, packed(recipe.weights(), format(description, WEIGHTS_FORMAT)));
        if (recipe.bias() != null) {
            add(OneDnnRecipe.BIAS, plain(recipe.bias()));
        }
        resultFormat = format(description, RESULT_FORMAT);
        result = memory(resultFormat);
        add(OneDnnRecipe.RESULT, result);
        if (recipe.added() != null) {
            add(FIRST_ADDED, packed(recipe.added(), resultFormat));
        }
        pairs = pairs(numbers, operands);
    }

    /** The name that oneDNN gives its kernel. */
    String implementation() {
        return implementation;
    }

    private MemorySegment freed(MemorySegment object, String function) {
        frees.addFirst(() -> OneDnn.call(function, object));
        return object;
    }

    private void add(int number, Memory memory) {
        numbers.add(number);
        operands.add(memory);
    }

    /** Declares scales and zero points, and adds them as operands. */
    private void parameters(MemorySegment attributes) {
        recipe.scales().forEach((operand, values) -> {
            // Bits of the dimensions along which scales differ: columns of a matrix, or the first dimensions of a
            // kernel.
            int grouped = recipe.weights().dims().length > 4 ? 3 : 1;
            int along = values.size() == 1 ? 0 : recipe.window() == null ? 2 : grouped;
            OneDnn.call("dnnl_primitive_attr_set_scales_mask", attributes, operand, along);
            add(SCALES | operand, vector(DType.FLOAT32, values));
        });
        recipe.zeroPoints().forEach((operand, value) -> {
            OneDnn.call("dnnl_primitive_attr_set_zero_points_mask", attributes, operand, 0);
            add(ZERO_POINTS | operand, vector(DType.INT32, value));
        });
    }

    private Memory vector(DType type, Tensor values) {
        return plain(new Operand(type, new long[] {values.size()}, OneDnn.VECTOR, false, values));
    }

    /** Declares the addition and Relu that follow. */
    private void afterwards(MemorySegment attributes) {
        MemorySegment after = freed(OneDnn.make("dnnl_post_ops_create"), "dnnl_post_ops_destroy");
        if (recipe.added() != null) {
            Operand added = recipe.added();
            int format = added.free() ? OneDnn.ANY : added.format();
            OneDnn.call("dnnl_post_ops_append_binary", after, BINARY_ADD, descriptor(added, format));
        }
        if (recipe.relu()) {
            OneDnn.call("dnnl_post_ops_append_eltwise", after, RELU, 0f, 0f);
        }
        OneDnn.call("dnnl_primitive_attr_set_post_ops", attributes, after);
    }

    private MemorySegment product(MemorySegment attributes) {
        return OneDnn.make(
                "dnnl_matmul_primitive_desc_create",
                OneDnn.engine(),
                wanted(recipe.source()),
                wanted(recipe.weights()),
                wanted(recipe.bias()),
                wanted(recipe.result()),
                attributes);
    }

    private MemorySegment convolution(MemorySegment attributes) {
        Window window = recipe.window();
        return OneDnn.make(
                "dnnl_convolution_forward_primitive_desc_create",
                OneDnn.engine(),
                INFERENCE,
                DIRECT,
                wanted(recipe.source()),
                wanted(recipe.weights()),
                wanted(recipe.bias()),
                wanted(recipe.result()),
                longs(window.strides()),
                longs(window.gaps()),
                longs(window.begin()),
                longs(window.end()),
                attributes);
    }

    /** The descriptor with the format that the operand must have, or any. */
    private MemorySegment wanted(Operand operand) {
        if (operand == null) {
            return MemorySegment.NULL;
        }
        return descriptor(operand, operand.free() ? OneDnn.ANY : operand.format());
    }

    private MemorySegment descriptor(Operand operand, int format) {
        return freed(
                OneDnn.make(
                        "dnnl_memory_desc_create_with_tag",
                        operand.dims().length,
                        longs(operand.dims()),
                        OneDnn.type(operand.type()),
                        format),
                "dnnl_memory_desc_destroy");
    }

    private MemorySegment longs(long... values) {
        return arena.allocateFrom(ValueLayout.JAVA_LONG, values);
    }

    private static MemorySegment format(MemorySegment description, int what) {
        return OneDnn.ask("dnnl_primitive_desc_query_md", description, what, 0);
    }

    private static String name(MemorySegment description) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(ValueLayout.ADDRESS);
            OneDnn.call("dnnl_primitive_desc_query", description, NAME, 0, text);
            return OneDnn.text(text.get(ValueLayout.ADDRESS, 0));
        }
    }

    private Memory memory(MemorySegment descriptor) {
        long bytes = OneDnn.ask("dnnl_memory_desc_get_size", descriptor).address();
        MemorySegment data = arena.allocate(Math.max(1, bytes), ALIGNMENT);
        MemorySegment object = OneDnn.make("dnnl_memory_create", descriptor, OneDnn.engine(), data);
        return new Memory(freed(object, "dnnl_memory_destroy"), data);
    }

    /** The operand in its own format. */
    private Memory plain(Operand operand) {
        Memory memory = memory(descriptor(operand, operand.format()));
        Tensor values = operand.values();
        if (values.dtype() == operand.type()) {
            memory.bytes().copyFrom(values.segment());
            return memory;
        }
        Tensor converted = Tensor.of(operand.type(), memory.bytes(), values.dims());
        for (long i = 0; i < values.size(); i++) {
            if (operand.type().isFloating()) {
                converted.setDouble(i, values.getDouble(i));
            } else {
                converted.setLong(i, values.getLong(i));
            }
        }
        return memory;
    }

    /** The operand in the format that the primitive wants. */
    private Memory packed(Operand operand, MemorySegment descriptor) {
        Memory plain = plain(operand);
        if (!operand.free()) {
            return plain;
        }
        Memory packed = memory(descriptor);
        reorder(descriptor(operand, operand.format()), plain, descriptor, packed);
        return packed;
    }

    private void reorder(MemorySegment fromFormat, Memory from, MemorySegment toFormat, Memory to) {
        MemorySegment description = freed(
                OneDnn.make(
                        "dnnl_reorder_primitive_desc_create",
                        fromFormat,
                        OneDnn.engine(),
                        toFormat,
                        OneDnn.engine(),
                        MemorySegment.NULL),
                "dnnl_primitive_desc_destroy");
        MemorySegment reorder = freed(OneDnn.make("dnnl_primitive_create", description), "dnnl_primitive_destroy");
        OneDnn.execute(reorder, 2, pairs(List.of(OneDnnRecipe.SOURCE, OneDnnRecipe.RESULT), List.of(from, to)));
    }

    private MemorySegment pairs(List<Integer> keys, List<Memory> values) {
        MemorySegment all = arena.allocate((long) PAIR_BYTES * keys.size(), ALIGNMENT);
        for (int i = 0; i < keys.size(); i++) {
            all.set(ValueLayout.JAVA_INT, (long) PAIR_BYTES * i, keys.get(i));
            all.set(
                    ValueLayout.ADDRESS,
                    (long) PAIR_BYTES * i + ADDRESS_AT,
                    values.get(i).object());
        }
        return all;
    }

    private void limit() {
        if (!Thread.currentThread().equals(limited)) {
            limited = Thread.currentThread();
            OneDnn.useOneThread();
        }
    }

    @Override
    public void run() {
        limit();
        try {
            OneDnn.execute(primitive, numbers.size(), pairs);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public float[] output() {
        Operand operand = recipe.result();
        Memory rowMajor = result;
        if (operand.free()) {
            MemorySegment descriptor = descriptor(operand, operand.format());
            rowMajor = memory(descriptor);
            reorder(resultFormat, result, descriptor, rowMajor);
        }
        return Values.floats(List.of(Tensor.of(operand.type(), rowMajor.bytes(), operand.dims())));
    }

    @Override
    public void close() {
        frees.forEach(Runnable::run);
        frees.clear();
    }
}
