package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;

/**
 * The encoder of BERT with its pooler. Normalisation, attention and GELU are in parts, as in exports for operator set 14, and
 * shapes follow from the inputs.
 *
 * @param vocabulary the number of tokens that it knows
 * @param positions the most tokens of a sentence
 * @param layers the number of layers
 * @param width the size of a token
 * @param heads the number of heads of attention
 */
record Bert(int vocabulary, int positions, int layers, int width, int heads) implements Network {
    /** The sizes of BERT-base. */
    static final Bert BASE = new Bert(30522, 512, 12, 768, 12);

    private static final double EMBEDDING = 0.05;

    @Override
    public int operatorSet() {
        return 14;
    }

    @Override
    public Graph graph(Layers l) {
        Value ids = l.input("input_ids", DType.INT64, "batch", "tokens");
        Value mask = l.input("attention_mask", DType.INT64, "batch", "tokens");
        Value types = l.input("token_type_ids", DType.INT64, "batch", "tokens");
        long[] numbers = new long[positions];
        for (int i = 0; i < positions; i++) {
            numbers[i] = i;
        }
        Value places = l.node(
                "Slice",
                l.node("Unsqueeze", l.integers(numbers), l.integers(0)),
                l.integers(0),
                l.node("Unsqueeze", l.sizeOf(ids, 1), l.integers(0)),
                l.integers(1));
        Value tokens = l.node("Gather", l.weight(EMBEDDING, vocabulary, width), ids);
        Value kinds = l.node("Gather", l.weight(EMBEDDING, 2, width), types);
        Value places1 = l.node("Gather", l.weight(EMBEDDING, positions, width), places);
        Value x = l.layerNormInParts(l.node("Add", l.node("Add", tokens, kinds), places1));
        Value kept = l.node("Cast", Attributes.none().with("to", 1L), l.node("Unsqueeze", mask, l.integers(1, 2)));
        Value hidden = l.node("Mul", l.node("Sub", l.constant(1), kept), l.constant(-Float.MAX_VALUE));
        for (int i = 0; i < layers; i++) {
            x = l.layerNormInParts(l.node("Add", l.linear(attention(l, x, hidden), width), x));
            Value inner = l.gelu(l.linear(x, 4L * width));
            x = l.layerNormInParts(l.node("Add", l.linear(inner, width), x));
        }
        l.alsoOutput("last_hidden_state", x);
        Value first = l.along(1, "Gather", x, l.integer(0));
        return l.output("pooler_output", l.node("Tanh", l.gemm(first, width)));
    }

    private Value attention(Layers l, Value x, Value hidden) {
        Value queries = heads(l, l.linear(x, width), 0, 2, 1, 3);
        Value keys = heads(l, l.linear(x, width), 0, 2, 3, 1);
        Value values = heads(l, l.linear(x, width), 0, 2, 1, 3);
        Value depth = l.constant((float) Math.sqrt((double) width / heads));
        Value scores = l.node("Add", l.node("Div", l.node("MatMul", queries, keys), depth), hidden);
        Value mixed = l.transpose(l.node("MatMul", l.along(-1, "Softmax", scores), values), 0, 2, 1, 3);
        return l.view(mixed, l.sizeOf(mixed, 0), l.sizeOf(mixed, 1), width);
    }

    private Value heads(Layers l, Value x, long... permutation) {
        return l.transpose(l.view(x, l.sizeOf(x, 0), l.sizeOf(x, 1), heads, width / heads), permutation);
    }
}
