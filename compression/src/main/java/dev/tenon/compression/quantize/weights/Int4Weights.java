package dev.tenon.compression.quantize.weights;

import dev.tenon.Model;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.options.Settings;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Stores weights as codes of 4 bits, with a scale for each block of a row. Products stay products of float32. A MatMul
 * or Gemm is saved as MatMulNBits and a Gather as GatherBlockQuantized, both of the domain {@code com.microsoft}.
 * Immutable; each method returns a changed copy.
 *
 * <p>Convolutions stay as they are, since no operator has them with weights in blocks. So do weights that something
 * else uses too, and those that would not become smaller.
 */
public final class Int4Weights implements Step {
    static final Int4Weights STANDARD = new Int4Weights(new Values());
    private static final int LEAST_BLOCK = 16;
    private static final int MOST_BLOCK = 1 << 30;
    private static final int BITS = 4;

    private static final class Values extends Settings<Values> {
        private int block = 32;
        private boolean isSymmetric;
        private BlockRounding rounding = BlockRounding.LEAST_ERROR;
        private LayerFilter filter = LayerFilter.all();
        private boolean isSequential = true;
    }

    private final Values settings;

    private Int4Weights(Values settings) {
        this.settings = settings;
    }

    private Int4Weights with(Consumer<Values> change) {
        return new Int4Weights(settings.with(change));
    }

    /**
     * The number of weights that share a scale. A larger block takes fewer bytes: 5 bits a weight with 32, 4.5 with 64,
     * zero points not counted.
     *
     * @param size a power of two from 16 on; 32 if this is not called
     * @return the changed copy
     * @throws CompressionException if it is none
     */
    public Int4Weights block(int size) {
        if (size < LEAST_BLOCK || size > MOST_BLOCK || Integer.bitCount(size) != 1) {
            throw new CompressionException("block size", size + "", "a power of two from 16 on", null);
        }
        return with(s -> s.block = size);
    }

    /**
     * Zero points of 8, which are not stored.
     *
     * @return the changed copy
     */
    public Int4Weights symmetric() {
        return with(s -> s.isSymmetric = true);
    }

    /**
     * A zero point for each block, of 4 bits. This is so if neither method is called.
     *
     * @return the changed copy
     */
    public Int4Weights asymmetric() {
        return with(s -> s.isSymmetric = false);
    }

    /**
     * How scales, zero points and codes are chosen.
     *
     * @param how the method; {@link BlockRounding#LEAST_ERROR} if this is not called
     * @return the changed copy
     */
    public Int4Weights rounding(BlockRounding how) {
        return with(s -> s.rounding = how);
    }

    /**
     * Which layers may be changed.
     *
     * @param layers the filter; all if this is not called
     * @return the changed copy
     */
    public Int4Weights layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    /**
     * Lets GPTQ take the inputs of each layer from the model before compression, in one pass over the samples.
     * Otherwise it goes through the layers in order, each sees the inputs that the rounded layers before it give, and
     * its weights make up for their errors too; that takes a pass for each depth of the model.
     *
     * @return the changed copy
     */
    public Int4Weights onePass() {
        return with(s -> s.isSequential = false);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return "int4-weights";
    }

    @Override
    public boolean needsSamples() {
        return settings.rounding.needsSamples();
    }

    /**
     * {@inheritDoc}
     *
     * @throws CompressionException if a selector of the filter fits no layer, or HQQ is to be symmetric
     */
    @Override
    public Model apply(Model model, StepContext context) {
        if (settings.rounding == BlockRounding.HQQ && settings.isSymmetric) {
            throw new CompressionException(name(), "HQQ with symmetric codes", "asymmetric ones", "call asymmetric()");
        }
        settings.filter.check(model.graph());
        Graph graph = ComputedWeights.computed(model.graph(), settings.filter);
        WeightUses uses = WeightUses.of(graph, settings.filter, false, name(), context);
        GraphEditor editor = new GraphEditor(graph);
        BlockForm form = new BlockForm(editor);
        Map<Value, Tensor> tables = tables(uses.gathers(), context, form);
        List<List<LinearLayer>> groups = new ArrayList<>(uses.layers());
        groups.removeIf(group -> !isSmaller(group, context));
        products(model.withGraph(graph), context, groups, tables, form);
        return model.withGraph(editor.build());
    }

    /** Rounds tables. Returns their new values. */
    private Map<Value, Tensor> tables(Map<Value, List<Node>> gathers, StepContext context, BlockForm form) {
        Map<Value, Tensor> rounded = new LinkedHashMap<>();
        int done = 0;
        for (Map.Entry<Value, List<Node>> e : gathers.entrySet()) {
            context.progress("tables", (double) done++ / gathers.size() / 2);
            Tensor table = e.getKey().constant();
            int rows = Math.toIntExact(table.dim(0));
            int columns = Math.toIntExact(table.dim(1));
            String name = LinearLayer.name(e.getValue().getFirst());
            if (!isSmaller(rows, columns)) {
                context.report(LayerReport.kept(name, name(), "4 bits would not be smaller"));
                continue;
            }
            float[] values = table.toFloatArray();
            BlockCodes codes = BlockCodes.nearest(values, rows, columns, settings.block, grids(false));
            form.gather(e.getKey(), e.getValue(), codes);
            rounded.put(e.getKey(), Tensor.wrap(codes.values(), rows, columns));
            e.getValue().forEach(node -> report(context, LinearLayer.name(node), values, codes.values()));
        }
        return rounded;
    }

    private boolean isSmaller(List<LinearLayer> layers, StepContext context) {
        boolean isSmaller =
                isSmaller(layers.getFirst().outputs(), layers.getFirst().terms());
        if (!isSmaller) {
            layers.forEach(
                    layer -> context.report(LayerReport.kept(layer.name(), name(), "4 bits would not be smaller")));
        }
        return isSmaller;
    }

    private boolean isSmaller(long rows, long columns) {
        long blocks = Math.ceilDiv(columns, settings.block);
        long zeros = settings.isSymmetric ? 0 : Math.ceilDiv(blocks, 2);
        return blocks * settings.block / 2 + blocks * Float.BYTES + zeros < columns * Float.BYTES && rows > 0;
    }

    private void products(
            Model model,
            StepContext context,
            List<List<LinearLayer>> groups,
            Map<Value, Tensor> tables,
            BlockForm form) {
        if (settings.rounding == BlockRounding.GPTQ) {
            GptqBlocks blocks = new GptqBlocks(settings.block, settings.isSymmetric);
            new SequentialLayers(model, groups, context, settings.isSequential, tables)
                    .visit((group, gptq, importance, matrix) -> {
                        LinearLayer first = group.getFirst();
                        BlockCodes codes = blocks.round(gptq, matrix, first.outputs(), first.terms(), importance);
                        use(context, group, codes, form);
                        return first.stored(codes.values());
                    });
            return;
        }
        if (settings.rounding == BlockRounding.AWQ) {
            Model rounded = model.withGraph(withConstants(model.graph(), tables));
            new ActivationAware(settings.block, settings.isSymmetric)
                    .round(rounded, groups, context, (stage, codes) -> use(context, stage, codes, form));
            return;
        }
        int done = 0;
        for (List<LinearLayer> group : groups) {
            context.progress("weights", (double) done++ / groups.size() / 2 + 0.5);
            LinearLayer first = group.getFirst();
            boolean isReal = settings.rounding == BlockRounding.HQQ;
            BlockCodes codes =
                    BlockCodes.nearest(first.matrix(), first.outputs(), first.terms(), settings.block, grids(isReal));
            use(context, group, codes, form);
        }
    }

    private static Graph withConstants(Graph graph, Map<Value, Tensor> values) {
        GraphEditor editor = new GraphEditor(graph);
        values.forEach(editor::replaceConstant);
        return editor.build();
    }

    private void use(StepContext context, List<LinearLayer> group, BlockCodes codes, BlockForm form) {
        LinearLayer first = group.getFirst();
        form.products(first.weight(), group, codes);
        group.forEach(layer -> report(context, layer.name(), first.matrix(), codes.values()));
    }

    /** Lets layers with one input use codes with the same factors. */
    private void use(
            StepContext context, List<List<LinearLayer>> stage, List<ActivationAware.Scaled> codes, BlockForm form) {
        float[] factors = codes.getFirst().factors();
        boolean isScaled = false;
        for (float factor : factors) {
            isScaled |= factor != 1;
        }
        ValueRef input = isScaled ? form.divided(stage.getFirst().getFirst().input(), factors) : null;
        for (int i = 0; i < stage.size(); i++) {
            List<LinearLayer> group = stage.get(i);
            LinearLayer first = group.getFirst();
            if (input == null) {
                form.products(first.weight(), group, codes.get(i).codes());
            } else {
                form.products(first.weight(), group, codes.get(i).codes(), input);
            }
            float[] values = codes.get(i).values();
            group.forEach(layer -> report(context, layer.name(), first.matrix(), values));
        }
    }

    private BlockCodes.Grids grids(boolean isReal) {
        return switch (settings.rounding) {
            case NEAREST -> (w, from, to) -> BlockGrid.ofRange(w, from, to, settings.isSymmetric);
            case HQQ -> (w, from, to) -> HalfQuadratic.find(w, from, to, isReal);
            case LEAST_ERROR, GPTQ, AWQ ->
                (w, from, to) -> BlockSearch.find(w, from, to, null, 0, settings.isSymmetric);
        };
    }

    private void report(StepContext context, String layer, float[] before, float[] after) {
        WeightError error = WeightError.of(before, after);
        context.report(LayerReport.changed(layer, name(), BITS, error.zeros(), error.decibels()));
    }
}
