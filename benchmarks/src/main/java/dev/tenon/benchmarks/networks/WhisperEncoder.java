package dev.tenon.benchmarks.networks;

import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.tensor.DType;

/**
 * The encoder of Whisper: two convolutions over frames of a spectrogram, and layers with normalisation first. Keys have no bias.
 *
 * @param bands the bands of a frame
 * @param frames the number of frames; the encoder sees half as many
 * @param layers the number of layers
 * @param width the size of a frame in the encoder
 * @param heads the number of heads of attention
 */
record WhisperEncoder(int bands, int frames, int layers, int width, int heads) implements Network {
    /** The sizes of Whisper-base. */
    static final WhisperEncoder BASE = new WhisperEncoder(80, 3000, 6, 512, 8);

    private static final double EMBEDDING = 0.5;

    @Override
    public Graph graph(Layers l) {
        Value features = l.input("input_features", DType.FLOAT32, 1, bands, frames);
        Value first = l.gelu(l.conv(features, width, 3, 1, 2));
        Value second = l.gelu(l.conv(first, width, 3, 2, 2));
        Value x = l.node("Add", l.transpose(second, 0, 2, 1), l.weight(EMBEDDING, frames / 2, width));
        for (int i = 0; i < layers; i++) {
            x = l.node("Add", x, l.linear(attention(l, l.layerNorm(x)), width));
            Value inner = l.gelu(l.linear(l.layerNorm(x), 4L * width));
            x = l.node("Add", x, l.linear(inner, width));
        }
        return l.output("last_hidden_state", l.layerNorm(x));
    }

    private Value attention(Layers l, Value x) {
        Value scale = l.constant((float) Math.pow((double) width / heads, -0.5));
        Value queries = heads(l, l.node("Mul", l.linear(x, width), scale), 0, 2, 1, 3);
        Value keys = heads(l, l.product(x, width), 0, 2, 3, 1);
        Value values = heads(l, l.linear(x, width), 0, 2, 1, 3);
        Value weights = l.along(-1, "Softmax", l.node("MatMul", queries, keys));
        return l.reshape(l.transpose(l.node("MatMul", weights, values), 0, 2, 1, 3), 1, frames / 2, width);
    }

    private Value heads(Layers l, Value x, long... permutation) {
        return l.transpose(l.reshape(x, 1, frames / 2, heads, width / heads), permutation);
    }
}
