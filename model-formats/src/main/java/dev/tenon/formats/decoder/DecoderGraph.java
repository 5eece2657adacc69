package dev.tenon.formats.decoder;

import dev.tenon.formats.Limits;
import dev.tenon.formats.decoder.DecoderConfig.Heads;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.Op;
import dev.tenon.op.attention.Attention;
import dev.tenon.op.attention.RotaryEmbedding;
import dev.tenon.op.math.Add;
import dev.tenon.op.math.And;
import dev.tenon.op.math.Cast;
import dev.tenon.op.math.Gelu;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.Mul;
import dev.tenon.op.math.Sub;
import dev.tenon.op.math.Swish;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.RMSNormalization;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.BlockMatMul.Activations;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.Range;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Unsqueeze;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Builds the graph of a decoder with the signature that Optimum exports: {@code input_ids}, {@code attention_mask},
 * {@code position_ids} and {@code past_key_values.N.key} and {@code .value} to {@code logits} and {@code present.N.key} and
 * {@code .value}. For one thread.
 */
final class DecoderGraph {
    private final DecoderConfig config;
    private final Weights weights;
    private final GraphBuilder g;
    private final Map<String, Value> known = new HashMap<>();
    private final Dim batch = Dim.symbol("batch_size");
    private final Dim length = Dim.symbol("sequence_length");
    private final Dim past = Dim.symbol("past_sequence_length");
    private final Value ids;
    private final Value attended;
    private final Value positions;
    private final List<Value> pasts = new ArrayList<>();
    private final List<Value> presents = new ArrayList<>();
    private final Rope rope;
    private final Map<Rope, RotaryAngles> angles = new HashMap<>();

    private DecoderGraph(String name, DecoderConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
        this.rope = withFactors(config.rope());
        this.g = new GraphBuilder(name);
        this.ids = g.input("input_ids", integers(batch, length));
        this.attended = g.input("attention_mask", integers(batch, past.plus(length)));
        this.positions = g.input("position_ids", integers(batch, length));
        Heads heads = config.heads();
        TensorType cache = new TensorType(
                DType.FLOAT32, dev.tenon.tensor.Shape.of(batch, Dim.of(heads.key()), past, Dim.of(heads.size())));
        for (int i = 0; i < config.layers(); i++) {
            pasts.add(g.input("past_key_values." + i + ".key", cache));
            pasts.add(g.input("past_key_values." + i + ".value", cache));
        }
    }

    /**
     * Builds a graph.
     *
     * @param name its name
     * @param config what it computes
     * @param weights the weights
     * @param limits the limits that hold
     * @return the graph
     */
    static Graph of(String name, DecoderConfig config, Weights weights, Limits limits) {
        return new DecoderGraph(name, config, weights).build(name, limits);
    }

    private static TensorType integers(Dim... dims) {
        return new TensorType(DType.INT64, dev.tenon.tensor.Shape.of(dims));
    }

    private Graph build(String name, Limits limits) {
        Weight embedding = weights.get("token_embd.weight", -1, config.hidden());
        Value x = embedded(embedding);
        for (int i = 0; i < config.layers(); i++) {
            x = layer(i, x);
            limits.checkNodes(name, g.nodes().size());
        }
        x = normalised(x, "output_norm.weight", config.hidden());
        long vocabulary = embedding.dims().getFirst();
        Weight head = weights.find("output.weight", vocabulary, config.hidden()).orElse(embedding);
        g.output("logits", product("logits", x, head));
        for (int i = 0; i < config.layers(); i++) {
            g.output("present." + i + ".key", presents.get(2 * i));
            g.output("present." + i + ".value", presents.get(2 * i + 1));
        }
        return g.build();
    }

    private Value add(String name, Op op, Value... operands) {
        return g.add(op, name, Arrays.asList(operands), List.of(g.unique(name))).getFirst();
    }

    private Value integers(long... values) {
        return g.constant(Tensor.of(values));
    }

    /** A value that is made once. */
    private Value once(String key, Supplier<Value> made) {
        Value value = known.get(key);
        if (value == null) {
            value = made.get();
            known.put(key, value);
        }
        return value;
    }

    private Value stored(Weight weight) {
        return once(weight.name(), () -> g.constant(g.unique(weight.name()), weight.stored()));
    }

    private static boolean isFloat32(Weight weight) {
        return weight.stored().dtype() == DType.FLOAT32;
    }

    private Value embedded(Weight embedding) {
        Value x = add("embedding", new Gather(0), stored(embedding), ids);
        if (embedding.blocks().isPresent()) {
            x = add("embedding", new DequantizeBlocks(embedding.blocks().get(), null), x);
        } else if (!isFloat32(embedding)) {
            x = add("embedding", new Cast(DType.FLOAT32), x);
        }
        double scale = config.style().embeddingScale();
        return scale == 1 ? x : add("embedding", new Mul(), x, g.constant(Tensor.scalar((float) scale)));
    }

    /** A product with a matrix whose rows are outputs. */
    private Value product(String name, Value x, Weight weight) {
        if (weight.blocks().isPresent()) {
            return add(name, new BlockMatMul(weight.blocks().get(), Activations.F32), x, stored(weight));
        }
        Value right = once(weight.name() + " as operand", () -> {
            Value turned = add(name + "/transposed", new Transpose(List.of(1, 0)), stored(weight));
            return isFloat32(weight) ? turned : add(name + "/widened", new Cast(DType.FLOAT32), turned);
        });
        return add(name, new MatMul(), x, right);
    }

    private Value linear(Value x, String name, long outputs, long inputs) {
        Value y = product(name, x, weights.get(name + ".weight", outputs, inputs));
        Optional<Weight> bias = weights.find(name + ".bias", outputs);
        return bias.isEmpty() ? y : add(name + "/biased", new Add(), y, vector(bias.get(), 0));
    }

    /** A vector in float32 with a number added to its elements. */
    private Value vector(Weight weight, double added) {
        if (added == 0 && isFloat32(weight)) {
            return stored(weight);
        }
        if (weight.blocks().isPresent()) {
            throw weights.unsupported(weight, "floats");
        }
        return once(weight.name(), () -> {
            double[] values = weight.stored().toDoubleArray();
            for (int i = 0; i < values.length; i++) {
                values[i] += added;
            }
            return g.constant(g.unique(weight.name()), Tensor.convert(DType.FLOAT32, values));
        });
    }

    private Value normalised(Value x, String name, long size) {
        Weight weight = weights.get(name, size);
        Value scale = vector(weight, config.style().normsPlusOne() ? 1 : 0);
        return add(name.replace(".weight", ""), new RMSNormalization(-1, config.epsilon(), DType.FLOAT32), x, scale);
    }

    /** The rotation with the factors of a tensor, which GGUF files of Llama 3 have. */
    private Rope withFactors(Rope plain) {
        return weights.find("rope_freqs.weight", plain.frequencies().size())
                .map(factors -> plain.dividedBy(weights.positive(factors)))
                .orElse(plain);
    }

    /** The rotation in a layer. The factors hold wherever the rotation is that of the model. */
    private Rope rope(int layer) {
        Rope own = config.isLocal(layer) ? config.locality().orElseThrow().rope() : config.rope();
        return own.equals(config.rope()) ? rope : own;
    }

    /** The keys that a layer sees. */
    private Value mask(int layer) {
        return config.isLocal(layer)
                ? once("window", () -> near(config.locality().orElseThrow().window()))
                : visible();
    }

    /** Keys within a window before each query. */
    private Value near(long window) {
        Value zero = g.constant(Tensor.scalar(0L));
        Value one = g.constant(Tensor.scalar(1L));
        Value queries = add("length", new Gather(0), add("ids_shape", new Shape(0, Long.MAX_VALUE), ids), one);
        Value keys = add("total", new Gather(0), add("mask_shape", new Shape(0, Long.MAX_VALUE), attended), one);
        Value key = add("keys", new Range(), zero, keys, one);
        Value query = add("queries", new Range(), add("past", new Sub(), keys, queries), keys, one);
        Value distance = add("distance", new Sub(), add("query_column", new Unsqueeze(), query, integers(1)), key);
        Value near = add("near", new Less(), distance, g.constant(Tensor.scalar(window)));
        return add("window", new And(), visible(), add("near_heads", new Unsqueeze(), near, integers(0, 1)));
    }

    /** The keys that {@code attention_mask} shows, [batch, 1, 1, keys]. */
    private Value visible() {
        return once(
                "visible",
                () -> add("visible", new Unsqueeze(), add("shown", new Cast(DType.BOOL), attended), integers(1, 2)));
    }

    private Value layer(int index, Value x) {
        String name = "blk." + index + ".";
        long hidden = config.hidden();
        Value a = attention(index, normalised(x, name + "attn_norm.weight", hidden));
        if (config.style().normsAfter()) {
            a = normalised(a, name + "post_attention_norm.weight", hidden);
        }
        Value y = add(name + "attn_residual", new Add(), x, a);
        Value f = feedForward(name, normalised(y, name + "ffn_norm.weight", hidden));
        if (config.style().normsAfter()) {
            f = normalised(f, name + "post_ffw_norm.weight", hidden);
        }
        return add(name + "ffn_residual", new Add(), y, f);
    }

    private Value attention(int index, Value x) {
        String name = "blk." + index + ".";
        Heads heads = config.heads();
        long hidden = config.hidden();
        Rope own = rope(index);
        Value q = rotated(linear(x, name + "attn_q", heads.query() * heads.size(), hidden), name + "attn_q", true, own);
        Value k = rotated(linear(x, name + "attn_k", heads.key() * heads.size(), hidden), name + "attn_k", false, own);
        Value v = linear(x, name + "attn_v", heads.key() * heads.size(), hidden);
        Op op = new Attention(true, heads.query(), heads.key(), heads.scale(), 0, 0, null, -1, -1);
        List<Value> operands = List.of(q, k, v, mask(index), pasts.get(2 * index), pasts.get(2 * index + 1));
        List<Value> results = g.add(
                op,
                name + "attention",
                operands,
                List.of(name + "attention", "present." + index + ".key", "present." + index + ".value"));
        presents.addAll(results.subList(1, results.size()));
        return linear(results.getFirst(), name + "attn_output", hidden, heads.query() * heads.size());
    }

    /** Queries or keys, [batch, length, heads * size], normalised if the architecture does, and rotated. */
    private Value rotated(Value x, String name, boolean queries, Rope own) {
        Heads heads = config.heads();
        long count = queries ? heads.query() : heads.key();
        Value y = x;
        if (config.style().headNorms()) {
            Value split = add(name + "/heads", new Reshape(false), x, integers(0, 0, count, heads.size()));
            Value normal = normalised(split, name + "_norm.weight", heads.size());
            y = add(name + "/packed", new Reshape(false), normal, integers(0, 0, count * heads.size()));
        }
        long width = 2L * own.frequencies().size();
        Op op = new RotaryEmbedding(own.interleaved(), count, width == heads.size() ? 0 : width);
        RotaryAngles turns = angles.computeIfAbsent(own, each -> RotaryAngles.of(g, positions, each, config.context()));
        return add(name + "/rotated", op, y, turns.cos(), turns.sin());
    }

    private Value feedForward(String name, Value x) {
        Weight gate = weights.get(name + "ffn_gate.weight", -1, config.hidden());
        long size = gate.dims().getFirst();
        Value opened = linear(x, name + "ffn_gate", size, config.hidden());
        Op activation = config.style().gelu() ? new Gelu("tanh") : new Swish(1);
        Value active = add(name + "ffn_activation", activation, opened);
        Value product = add(name + "ffn_gated", new Mul(), active, linear(x, name + "ffn_up", size, config.hidden()));
        return linear(product, name + "ffn_down", config.hidden(), size);
    }
}
