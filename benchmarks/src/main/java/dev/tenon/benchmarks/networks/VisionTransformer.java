package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;

/**
 * A vision transformer: patches of an image and a token of its class, layers with normalisation first, and a classifier. One
 * product makes queries, keys and values, and both operands of the scores are scaled, as exporters write fused attention.
 *
 * @param image the height and width of the image
 * @param patch those of a patch
 * @param layers the number of layers
 * @param width the size of a token
 * @param heads the number of heads of attention
 * @param classes the number of classes
 */
record VisionTransformer(int image, int patch, int layers, int width, int heads, int classes) implements Network {
    /** The sizes of ViT-B/16. */
    static final VisionTransformer B16 = new VisionTransformer(224, 16, 12, 768, 12, 1000);

    private static final double EMBEDDING = 0.5;

    @Override
    public Graph graph(Layers l) {
        Value pixels = l.input("pixel_values", DType.FLOAT32, 1, 3, image, image);
        int side = image / patch;
        long tokens = (long) side * side + 1;
        Value patches = l.conv(pixels, width, new Layers.Window(patch, patch, 0, 1), 1, true);
        Value rows = l.transpose(l.reshape(patches, 1, width, tokens - 1), 0, 2, 1);
        Value x = l.along(1, "Concat", l.weight(EMBEDDING, 1, 1, width), rows);
        x = l.node("Add", x, l.weight(EMBEDDING, 1, tokens, width));
        for (int i = 0; i < layers; i++) {
            x = l.node("Add", x, l.linear(attention(l, l.layerNorm(x), tokens), width));
            Value inner = l.gelu(l.linear(l.layerNorm(x), 4L * width));
            x = l.node("Add", x, l.linear(inner, width));
        }
        Value first = l.along(1, "Gather", l.layerNorm(x), l.integer(0));
        return l.output("logits", l.gemm(first, classes));
    }

    private Value attention(Layers l, Value x, long tokens) {
        int depth = width / heads;
        Value all = l.reshape(l.linear(x, 3L * width), 1, tokens, 3, heads, depth);
        Value parts = l.transpose(all, 2, 0, 3, 1, 4);
        Value scale = l.constant((float) Math.pow(depth, -0.25));
        Value queries = l.node("Mul", l.along(0, "Gather", parts, l.integer(0)), scale);
        Value keys = l.transpose(l.along(0, "Gather", parts, l.integer(1)), 0, 1, 3, 2);
        Value scores = l.node("MatMul", queries, l.node("Mul", keys, scale));
        Value values = l.along(0, "Gather", parts, l.integer(2));
        Value mixed = l.node("MatMul", l.along(-1, "Softmax", scores), values);
        return l.reshape(l.transpose(mixed, 0, 2, 1, 3), 1, tokens, width);
    }
}
