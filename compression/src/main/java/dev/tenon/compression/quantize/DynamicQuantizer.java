package dev.tenon.compression.quantize;

import dev.tenon.Model;
import dev.tenon.compression.LayerReport;
import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.StepContext;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.Op;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Mul;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.LongStream;

/** One run of a {@link DynamicQuantization}. */
final class DynamicQuantizer {
    /** The zero point of unsigned weights. */
    private static final int MIDDLE = 128;

    private final DynamicQuantization options;
    private final Model model;
    private final StepContext context;
    private final Set<String> excluded;
    private final Set<String> weightOnly;

    private GraphEditor editor;
    /** The integers, scale and zero point of activations, by their values. */
    private final Map<Value, List<NewValue>> activations = new IdentityHashMap<>();
    /** Weights as MatMulInteger or ConvInteger takes them and their scales, by the constants. */
    private final Map<Value, List<NewValue>> weights = new IdentityHashMap<>();

    /** The results in the place of those of layers that are products of integers now. */
    private final Map<Value, NewValue> results = new IdentityHashMap<>();

    private FreeNames names;

    DynamicQuantizer(DynamicQuantization options, Model model, StepContext context) {
        this.options = options;
        this.model = model;
        this.context = context;
        this.excluded = GraphPreparation.excluded(model.graph(), options.filter());
        this.weightOnly = new HashSet<>();
        if (options.weightOnly() != null) {
            Set<String> others = GraphPreparation.excluded(model.graph(), options.weightOnly());
            model.graph().nodes().stream()
                    .map(LinearLayer::name)
                    .filter(name -> !others.contains(name))
                    .forEach(weightOnly::add);
        }
    }

    Model run() {
        Graph graph = GraphPreparation.apply(model.graph());
        if (options.isSmoothed()) {
            Set<String> unchanged = new HashSet<>(excluded);
            unchanged.addAll(weightOnly);
            graph = new Smoothing(options.smoothing(), options.mostWeight(), options.isPerChannel())
                    .apply(model.withGraph(graph), unchanged, context);
        }
        Map<Node, LinearLayer> layers = new LinkedHashMap<>();
        Map<String, String> reasons = new LinkedHashMap<>();
        for (LinearLayer layer : LinearLayer.of(graph)) {
            if (excluded.contains(layer.name())) {
                reasons.put(layer.name(), "it was not selected");
            } else if (Operators.isComputed(layer.input())) {
                layers.put(layer.node(), layer);
            } else {
                reasons.put(layer.name(), "its input is a constant");
            }
        }
        SharedWeights.exclude(graph, layers, reasons);
        if (layers.isEmpty() && !options.areTablesQuantized()) {
            reasons.forEach((name, reason) -> context.report(LayerReport.kept(name, options.name(), reason)));
            return model;
        }
        editor = new GraphEditor(graph);
        names = new FreeNames(editor.index());
        int done = 0;
        for (LinearLayer layer : LinearLayer.of(graph)) {
            if (layers.containsKey(layer.node())) {
                context.progress("weights of " + layer.name(), (double) done++ / layers.size());
                quantize(layer);
            } else {
                context.report(LayerReport.kept(layer.name(), options.name(), reasons.get(layer.name())));
            }
        }
        Graph result = editor.build();
        return model.withGraph(
                options.areTablesQuantized()
                        ? new Tables(result, excluded).quantized(options.name(), context)
                        : result);
    }

    private void quantize(LinearLayer layer) {
        WeightScales search = new WeightScales(layer, -options.mostWeight(), options.mostWeight());
        float[] scales = search.largest(options.isPerChannel());
        int[] integers = WeightRounding.nearest()
                .round(layer, layer.matrix(), scales, -options.mostWeight(), options.mostWeight(), null);
        QuantizedWeights w = new QuantizedWeights(layer, integers, scales, Byte.SIZE);
        String remark = remark(layer);
        if (remark.isEmpty()) {
            multiply(layer, w);
        } else {
            dequantize(layer, w);
        }
        context.report(new LayerReport(
                layer.name(), options.name(), w.bits(), w.sparsity(), OptionalDouble.of(w.sqnr()), false, remark));
    }

    /** Why a layer multiplies in float; empty if it does not. */
    private String remark(LinearLayer layer) {
        if (layer.node().op() instanceof Conv && !options.areConvolutionsInteger()) {
            return "weights alone, as was asked for convolutions";
        }
        if (layer.node().op() instanceof Gemm gemm && (gemm.transA() || gemm.alpha() != 1)) {
            return "weights alone: the Gemm transposes or scales its input";
        }
        return weightOnly.contains(layer.name()) ? "weights alone, as was asked" : "";
    }

    private void dequantize(LinearLayer layer, QuantizedWeights w) {
        List<NewValue> constants = weights.computeIfAbsent(layer.weight(), v -> {
            long[] dims = w.isPerChannel() ? new long[] {w.scales().length} : new long[0];
            NewValue integers = editor.constant(names.of(v.name() + "_quantized"), w.stored());
            NewValue scale = editor.constant(names.of(v.name() + "_scale"), Tensor.of(w.scales(), dims));
            int axis = w.isPerChannel() ? layer.outputAxis() : 1;
            return editor.add(
                    new DequantizeLinear(axis, 0, null),
                    v.name() + "_DequantizeLinear",
                    List.of(integers, scale),
                    List.of(names.of(v.name() + "_dequantized")));
        });
        editor.replaceOperand(layer.node(), 1, constants.getFirst());
    }

    private void multiply(LinearLayer layer, QuantizedWeights w) {
        Node node = layer.node();
        String name = layer.name();
        List<NewValue> x = activations.computeIfAbsent(
                layer.input(),
                v -> editor.add(
                        new DynamicQuantizeLinear(),
                        v.name() + "_QuantizeLinear",
                        List.of(results.containsKey(v) ? results.get(v) : v),
                        List.of(
                                names.of(v.name() + "_quantized"),
                                names.of(v.name() + "_scale"),
                                names.of(v.name() + "_zero_point"))));
        List<NewValue> b = weights.computeIfAbsent(layer.weight(), v -> constants(v, w));
        Op product =
                node.op() instanceof Conv conv ? new ConvInteger(conv.window(), conv.group()) : new MatMulInteger();
        NewValue sums = one(product, name + "_quant", x.get(0), b.get(0), x.get(2), b.get(2));
        NewValue floats = one(new Cast(DType.FLOAT32, true, "up"), name + "_cast", sums);
        NewValue scales = one(new Mul(), name + "_scales_mul", x.get(1), b.get(1));
        NewValue y = one(new Mul(), name, floats, scales);
        Value bias = node.input(Biases.OPERAND);
        if (bias != null) {
            y = one(new Add(), name + "_bias", y, addend(node, bias));
        }
        editor.replaceNode(node, y);
        results.put(node.output(), y);
    }

    /** The integers of weights, their scales and the zero point, as the product or convolution of integers takes them. */
    private List<NewValue> constants(Value v, QuantizedWeights w) {
        boolean isConvolution = w.layer().node().op() instanceof Conv;
        long[] dims = w.isPerChannel() ? new long[] {w.scales().length} : new long[0];
        if (isConvolution && w.isPerChannel()) {
            dims = new long[v.constant().rank() - 1];
            Arrays.fill(dims, 1);
            dims[0] = w.scales().length;
        }
        return List.of(
                editor.constant(names.of(v.name() + "_quantized"), isConvolution ? unsigned(w) : byTerms(w)),
                editor.constant(names.of(v.name() + "_scale"), Tensor.of(w.scales(), dims)),
                editor.constant(
                        names.of(v.name() + "_zero_point"),
                        isConvolution
                                ? Tensor.convert(DType.UINT8, new long[] {MIDDLE}, new long[0])
                                : Tensor.allocate(DType.INT8)));
    }

    /** The summand of a layer: the bias of a convolution for each channel, or that of a Gemm, times its factor. */
    private ValueRef addend(Node node, Value bias) {
        if (node.op() instanceof Conv) {
            int spatial = node.input(1).constant().rank() - 2;
            if (bias.isConstant()) {
                long[] dims = new long[spatial + 1];
                Arrays.fill(dims, 1);
                dims[0] = bias.constant().size();
                return editor.constant(
                        names.of(bias.name() + "_channels"),
                        Tensor.of(bias.constant().toFloatArray(), dims));
            }
            long[] axes = LongStream.rangeClosed(1, spatial).toArray();
            return one(new Unsqueeze(), node.name() + "_channels", bias, editor.constant(Tensor.of(axes)));
        }
        float beta = ((Gemm) node.op()).beta();
        return beta == 1 ? bias : one(new Mul(), node.name() + "_beta", bias, editor.constant(Tensor.scalar(beta)));
    }

    private NewValue one(Op op, String name, ValueRef... operands) {
        return editor.add(op, name, List.of(operands), List.of("")).getFirst();
    }

    /**
     * The integers with 128 as zero point, of the shape of the weights: ONNX Runtime's ConvInteger takes no signed weights.
     */
    private static Tensor unsigned(QuantizedWeights w) {
        long[] values = w.stored().toLongArray();
        for (int i = 0; i < values.length; i++) {
            values[i] += MIDDLE;
        }
        return Tensor.convert(DType.UINT8, values, w.layer().weight().constant().dims());
    }

    /** The integers as [terms, outputs]. */
    private static Tensor byTerms(QuantizedWeights w) {
        int outputs = w.layer().outputs();
        int terms = w.layer().terms();
        byte[] bytes = new byte[outputs * terms];
        for (int o = 0; o < outputs; o++) {
            for (int t = 0; t < terms; t++) {
                bytes[t * outputs + o] = (byte) w.integers()[o * terms + t];
            }
        }
        return Tensor.of(bytes, terms, outputs);
    }
}
