package dev.tenon.compression.quantize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.edit.FreeNames;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphEditor;
import dev.tenon.graph.NewValue;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.ValueRef;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.quant.DequantizeLinear;
import dev.tenon.op.quant.QuantizeLinear;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a quantised graph as pairs of QuantizeLinear and DequantizeLinear around operators in float, which ONNX Runtime
 * fuses to operators on integers. A value has one pair, which all share that use it.
 */
final class QdqWriter {
    private final GraphEditor editor;
    private final Placement placement;
    private final Map<Value, Grid> grids;
    private final Map<Value, QuantizedWeights> weights;
    private final Map<Value, float[]> biases;
    private final Map<List<Object>, NewValue> constants = new LinkedHashMap<>();
    private final Map<Value, NewValue> dequantizedWeights = new IdentityHashMap<>();
    private final FreeNames names;
    private final Set<Node> removed = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * A writer.
     *
     * @param graph the graph in float
     * @param placement which of its nodes and values are quantised
     * @param grids the grid of each value that has a pair
     * @param weights the weights of the layers, by their constants
     * @param biases other numbers of biases than the graph has, by the constants of the graph
     */
    QdqWriter(
            Graph graph,
            Placement placement,
            Map<Value, Grid> grids,
            Map<Value, QuantizedWeights> weights,
            Map<Value, float[]> biases) {
        this.editor = new GraphEditor(graph);
        this.placement = placement;
        this.names = new FreeNames(placement.index());
        this.grids = grids;
        this.weights = weights;
        this.biases = biases;
    }

    /**
     * Writes the graph.
     *
     * @param layers the layers that are quantised
     * @return the graph
     */
    Graph write(List<LinearLayer> layers) {
        for (Value v : placement.paired()) {
            pair(v);
        }
        for (LinearLayer layer : layers) {
            QuantizedWeights w = weights.get(layer.weight());
            editor.replaceOperand(layer.node(), 1, dequantized(w));
            Value bias = Biases.of(layer, placement.index());
            if (bias != null && bias == Biases.own(layer)) {
                editor.replaceOperand(layer.node(), Biases.OPERAND, bias(layer, w, bias));
            } else if (biases.containsKey(bias)) {
                long[] dims = bias.constant().size() == 1
                        ? new long[] {layer.outputs()}
                        : bias.constant().dims();
                editor.replaceConstant(bias, Tensor.of(biases.get(bias), dims));
            }
        }
        return editor.build();
    }

    /** Puts a pair after a value. Bounds before it are dropped where the rounding implies them. */
    private void pair(Value v) {
        Grid grid = grids.get(v);
        List<Node> bounds = placement.bounds(v);
        List<Node> left =
                bounds.stream().filter(b -> !Operators.isImplied(b, grid)).toList();
        boolean areAllUsers =
                placement.users(v).size() == placement.index().consumers(v).size();
        ValueRef source = v;
        if (placement.isRounded(v) || areAllUsers && !placement.index().isOutput(v)) {
            source = withoutImplied(bounds, left, v, grid);
        }
        NewValue dequantized = quantizedAndBack(source, v.name(), grid);
        if (placement.isRounded(v)) {
            editor.replaceUses(v, dequantized);
        } else {
            editor.replaceUses(v, dequantized, placement.users(v));
        }
        if (source != v) {
            removed.forEach(editor::remove);
            removed.clear();
        }
    }

    /**
     * The value that is to be rounded instead of the result of bounds. A convolution before bounds that stay is rounded
     * itself, on the same grid, which changes no result: rounding and bounds are monotonic and keep the numbers of the grid.
     */
    private ValueRef withoutImplied(List<Node> bounds, List<Node> left, Value v, Grid grid) {
        if (bounds.isEmpty()) {
            return v;
        }
        Value first = bounds.getFirst().input(0);
        Node producer = first.producer();
        boolean isConvolution = producer != null && producer.op() instanceof Conv && placement.kind(producer) != null;
        ValueRef source = first;
        if (!left.isEmpty() && isConvolution) {
            source = quantizedAndBack(first, first.name(), grid);
        }
        if (left.size() == bounds.size() && source == first) {
            return v;
        }
        for (Node bound : left) {
            List<ValueRef> operands = new ArrayList<>(bound.inputs());
            operands.set(0, source);
            source = editor.add(bound.op(), bound.name(), operands, List.of("")).getFirst();
        }
        removed.addAll(bounds.reversed());
        return source;
    }

    private NewValue quantizedAndBack(ValueRef v, String name, Grid grid) {
        NewValue scale = constant("scale", grid.scaleTensor());
        NewValue zero = constant("zero", grid.zeroPointTensor());
        NewValue integers = editor.add(
                        new QuantizeLinear(1, true, 0, null, null),
                        name + "_QuantizeLinear",
                        List.of(v, scale, zero),
                        List.of(names.of(name + "_quantized")))
                .getFirst();
        return editor.add(
                        new DequantizeLinear(1, 0, null),
                        name + "_DequantizeLinear",
                        List.of(integers, scale, zero),
                        List.of(names.of(name + "_dequantized")))
                .getFirst();
    }

    /** The weights in float. ONNX Runtime's fused Gemm needs a zero point of each scale, other operators do without. */
    private ValueRef dequantized(QuantizedWeights w) {
        Value weight = w.layer().weight();
        NewValue known = dequantizedWeights.get(weight);
        if (known != null) {
            return known;
        }
        NewValue integers = editor.constant(names.of(weight.name() + "_quantized"), w.stored());
        long[] dims = w.isPerChannel() ? new long[] {w.scales().length} : new long[0];
        NewValue scale = editor.constant(names.of(weight.name() + "_scale"), Tensor.of(w.scales(), dims));
        List<ValueRef> operands = new ArrayList<>(List.of(integers, scale));
        if (w.layer().node().op() instanceof Gemm) {
            operands.add(constant("zero", Tensor.allocate(w.type(), dims)));
        }
        NewValue back = editor.add(
                        new DequantizeLinear(w.isPerChannel() ? w.layer().outputAxis() : 1, 0, null),
                        weight.name() + "_DequantizeLinear",
                        operands,
                        List.of(names.of(weight.name() + "_dequantized")))
                .getFirst();
        dequantizedWeights.put(weight, back);
        return back;
    }

    /** The bias in int32, in units of the products: the scale of the input times that of the weights. */
    private ValueRef bias(LinearLayer layer, QuantizedWeights w, Value bias) {
        float inputScale = grids.get(layer.input()).scale();
        float[] numbers = biases.getOrDefault(bias, Biases.numbers(bias, layer));
        float[] scales = new float[w.scales().length];
        int[] integers = new int[numbers.length];
        for (int o = 0; o < numbers.length; o++) {
            float scale = inputScale * w.scale(o);
            scales[w.isPerChannel() ? o : 0] = scale;
            integers[o] = (int) Math.rint(numbers[o] / (double) scale);
        }
        long[] dims = w.isPerChannel() ? new long[] {scales.length} : new long[0];
        String name = LinearLayer.name(layer.node()) + "_bias";
        NewValue quantized = editor.constant(names.of(name + "_quantized"), Tensor.of(integers));
        NewValue scale = editor.constant(names.of(name + "_scale"), Tensor.of(scales, dims));
        return editor.add(
                        new DequantizeLinear(w.isPerChannel() ? 0 : 1, 0, null),
                        name + "_DequantizeLinear",
                        List.of(quantized, scale),
                        List.of(names.of(name + "_dequantized")))
                .getFirst();
    }

    /** A constant that all share that need an equal one. */
    private NewValue constant(String name, Tensor tensor) {
        List<Object> key = List.of(
                tensor.dtype(),
                tensor.shape().toString(),
                tensor.dtype() == DType.FLOAT32 ? (Object) tensor.getFloat(0) : (Object) tensor.getLong(0));
        return constants.computeIfAbsent(key, k -> editor.constant(names.of(name + "_" + constants.size()), tensor));
    }
}
