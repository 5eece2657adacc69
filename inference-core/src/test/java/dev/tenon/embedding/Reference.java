package dev.tenon.embedding;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.tenon.text.Encoding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of ONNX Runtime for one text at a time, and the formulas of sentence-transformers: {@code models/Pooling.py},
 * {@code models/Normalize.py}, {@code cross_encoder/CrossEncoder.py}.
 */
final class Reference implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    Reference(Path model) throws OrtException {
        session = environment.createSession(model.toString());
    }

    /** The first output for a text: [1,tokens,width] or [1,width], or [1] for a number. */
    Object run(Encoding text) throws OrtException {
        Map<String, int[]> all = Map.of(
                "input_ids", text.ids(), "attention_mask", text.attentionMask(), "token_type_ids", text.typeIds());
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                long[][] row = {longs(all.get(name))};
                inputs.put(name, OnnxTensor.createTensor(environment, row));
            }
            try (OrtSession.Result result = session.run(inputs)) {
                return result.get(0).getValue();
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    private static long[] longs(int[] values) {
        long[] longs = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            longs[i] = values[i];
        }
        return longs;
    }

    float[][] states(Encoding text) throws OrtException {
        return ((float[][][]) run(text))[0];
    }

    /** The vectors of several poolings one after the other; the first tokens, of a prompt, may not count. */
    static double[] pooled(float[][] states, int from, List<Pooling> poolings) {
        List<double[]> parts = new ArrayList<>();
        for (Pooling pooling : poolings) {
            parts.add(pooled(states, from, pooling));
        }
        return parts.stream().flatMapToDouble(java.util.Arrays::stream).toArray();
    }

    private static double[] pooled(float[][] states, int from, Pooling pooling) {
        double[] out = new double[states[0].length];
        for (int i = 0; i < out.length; i++) {
            double sum = 0;
            double weighted = 0;
            double weights = 0;
            double count = 0;
            double most = Double.NEGATIVE_INFINITY;
            for (int token = from; token < states.length; token++) {
                double x = states[token][i];
                count++;
                sum += x;
                weighted += (token + 1) * x;
                weights += token + 1;
                most = Math.max(most, x);
            }
            out[i] = switch (pooling) {
                case CLS -> states[0][i];
                case MAX -> most;
                case MEAN -> sum / count;
                case MEAN_SQRT_LEN -> sum / Math.sqrt(count);
                case WEIGHTED_MEAN -> weighted / weights;
                case LAST_TOKEN -> states[states.length - 1][i];
            };
        }
        return out;
    }

    static double[] normalized(double[] vector) {
        double squares = 0;
        for (double x : vector) {
            squares += x * x;
        }
        double length = Math.max(Math.sqrt(squares), 1e-12);
        double[] out = new double[vector.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = vector[i] / length;
        }
        return out;
    }

    static double cosine(float[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < Math.max(a.length, b.length); i++) {
            ab += a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += b[i] * b[i];
        }
        return ab / Math.sqrt(aa * bb);
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
