package dev.tenon.compression.quantize.weights;

import dev.tenon.Model;
import dev.tenon.compression.LayerFilter;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.Step;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.calibrate.GramMatrices;
import dev.tenon.compression.calibrate.GramMatrix;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.compression.quantize.WeightRounding;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.shape.Gather;
import dev.tenon.options.Settings;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Stores weights as int8 with a scale for each output, and zero points of 0. MatMul, Gemm and Conv get them through a
 * DequantizeLinear and compute in float32. A Gather gets rows of int8, a scale for each row, and multiplies them.
 * Immutable; each method returns a changed copy.
 *
 * <p>With its optimisations on, ONNX Runtime rounds the operands of such products to int8 too, unless its session
 * option {@code session.qdq_matmulnbits_accuracy_level} is 1.
 */
public final class Int8Weights implements Step {
    static final Int8Weights STANDARD = new Int8Weights(new Values());

    private static final int MOST = 127;

    private static final class Values extends Settings<Values> {
        /** Null for the nearest. */
        private WeightRounding rounding;

        private LayerFilter filter = LayerFilter.all();
    }

    private final Values settings;

    private Int8Weights(Values settings) {
        this.settings = settings;
    }

    private Int8Weights with(Consumer<Values> change) {
        return new Int8Weights(settings.with(change));
    }

    /**
     * How the weights of MatMul, Gemm and Conv are rounded.
     *
     * @param how the method; to the nearest integer if this is not called
     * @return the changed copy
     */
    public Int8Weights rounding(WeightRounding how) {
        return with(s -> s.rounding = how);
    }

    /**
     * Which layers may be changed.
     *
     * @param layers the filter; all if this is not called
     * @return the changed copy
     */
    public Int8Weights layers(LayerFilter layers) {
        return with(s -> s.filter = layers);
    }

    @Override
    public Optional<Step> leaving(Collection<String> names) {
        return Optional.of(layers(settings.filter.leaving(names)));
    }

    @Override
    public String name() {
        return "int8-weights";
    }

    @Override
    public boolean needsSamples() {
        return settings.rounding != null && settings.rounding.needsGram();
    }

    @Override
    public Model apply(Model model, StepContext context) {
        settings.filter.check(model.graph());
        Graph graph = ComputedWeights.computed(model.graph(), settings.filter);
        WeightUses uses = WeightUses.of(graph, settings.filter, true, name(), context);
        Edit edit = new Edit(graph, context);
        uses.gathers().forEach(edit::gather);
        Map<LinearLayer, List<LinearLayer>> groups = new IdentityHashMap<>();
        uses.layers().forEach(group -> groups.put(group.getFirst(), group));
        List<LinearLayer> firsts = uses.layers().stream().map(List::getFirst).toList();
        if (needsSamples()) {
            GramMatrices.forEach(
                    model.withGraph(graph),
                    firsts,
                    context,
                    (layer, gram) -> edit.product(layer, groups.get(layer), gram));
        } else {
            firsts.forEach(layer -> edit.product(layer, groups.get(layer), null));
        }
        return model.withGraph(edit.editor.build());
    }

    /** The change of one graph. */
    private final class Edit {
        private final GraphEditor editor;
        private final StepContext context;
        private final FreeNames names;

        Edit(Graph graph, StepContext context) {
            this.editor = new GraphEditor(graph);
            this.names = new FreeNames(editor.index());
            this.context = context;
        }

        private ValueRef constant(Value weight, String part, Tensor tensor) {
            return editor.constant(names.of(weight.name() + part), tensor);
        }

        void product(LinearLayer first, List<LinearLayer> group, GramMatrix gram) {
            context.progress(name(), 0.5);
            float[] matrix = first.matrix();
            float[] scales = scales(matrix, first.outputs(), first.terms());
            int[] codes = settings.rounding == null
                    ? nearest(matrix, scales, first.terms())
                    : settings.rounding.round(first, matrix, scales, -MOST, MOST, gram);
            float[] values = new float[codes.length];
            float[] stored = new float[codes.length];
            for (int i = 0; i < codes.length; i++) {
                values[i] = codes[i] * scales[i / first.terms()];
                stored[i] = codes[i];
            }
            Tensor bytes = bytes(first.stored(stored));
            ValueRef real = editor.add(
                    new DequantizeLinear(first.outputAxis(), 0, null),
                    constant(first.weight(), "_codes", bytes),
                    constant(first.weight(), "_scales", Tensor.of(scales)));
            for (LinearLayer layer : group) {
                editor.replaceOperand(layer.node(), 1, real);
                report(layer.name(), matrix, values);
            }
        }

        void gather(Value table, List<Node> nodes) {
            context.progress(name(), 0);
            float[] matrix = table.constant().toFloatArray();
            int rows = Math.toIntExact(table.constant().dim(0));
            int columns = matrix.length / rows;
            float[] scales = scales(matrix, rows, columns);
            int[] codes = nearest(matrix, scales, columns);
            float[] values = new float[codes.length];
            Tensor bytes = Tensor.allocate(DType.INT8, rows, columns);
            for (int i = 0; i < codes.length; i++) {
                values[i] = codes[i] * scales[i / columns];
                bytes.setLong(i, codes[i]);
            }
            ValueRef stored = constant(table, "_codes", bytes);
            ValueRef factors = constant(table, "_scales", Tensor.of(scales, rows, 1));
            for (Node node : nodes) {
                ValueRef real = editor.add(new Cast(DType.FLOAT32), editor.add(new Gather(0), stored, node.input(1)));
                ValueRef factor = editor.add(new Gather(0), factors, node.input(1));
                editor.replaceNode(
                        node,
                        editor.add(new Mul(), node.name(), List.of(real, factor), List.of(""))
                                .getFirst());
                report(LinearLayer.name(node), matrix, values);
            }
        }

        private void report(String layer, float[] before, float[] after) {
            WeightError error = WeightError.of(before, after);
            context.report(LayerReport.changed(layer, name(), Byte.SIZE, error.zeros(), error.decibels()));
        }
    }

    /** The scale of each row, by which its largest magnitude is 127; 1 for a row of zeros. */
    private static float[] scales(float[] matrix, int rows, int columns) {
        float[] scales = new float[rows];
        for (int row = 0; row < rows; row++) {
            float most = 0;
            for (int i = row * columns; i < (row + 1) * columns; i++) {
                most = Math.max(most, Math.abs(matrix[i]));
            }
            scales[row] = most / MOST == 0 ? 1 : most / MOST;
        }
        return scales;
    }

    private static int[] nearest(float[] matrix, float[] scales, int columns) {
        int[] codes = new int[matrix.length];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = (int) Math.max(-MOST, Math.min(MOST, Math.rint((double) matrix[i] / scales[i / columns])));
        }
        return codes;
    }

    private static Tensor bytes(Tensor codes) {
        Tensor bytes = Tensor.allocate(DType.INT8, codes.dims());
        for (long i = 0; i < bytes.size(); i++) {
            bytes.setLong(i, (long) codes.getFloat(i));
        }
        return bytes;
    }
}
