package dev.tenon.compression.factorize;

import dev.tenon.compression.LinearLayer;
import dev.tenon.compression.algebra.Dense;
import dev.tenon.compression.factorize.Factors.Part;
import dev.tenon.op.Op;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.op.nn.MatMul;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** The forms that a layer can take as a chain. */
final class Forms {
    private Forms() {}

    /**
     * Two layers with a width of the rank between them: {@code A = U_r} and {@code B = U_r^T W}, which is
     * {@code (Sigma V^T S^-1)_r}. A convolution becomes one of the same window, and a pointwise one.
     *
     * @param weights the layer
     * @param rank the width, at least 1
     * @return the chain
     */
    static Factors matrix(DecomposedWeights weights, int rank) {
        int outputs = weights.outputs();
        int terms = weights.terms();
        double[] a = columns(weights.svd().u(), outputs, Math.min(outputs, terms), rank);
        double[] b = Dense.product(Dense.transposed(a, outputs, rank), weights.matrix(), rank, outputs, terms);
        double error = weights.error(Dense.product(a, b, outputs, rank, terms));
        Op op = weights.layer().node().op();
        List<Part> parts =
                switch (op) {
                    case MatMul _ ->
                        List.of(
                                new Part(op, tensor(Dense.transposed(b, rank, terms), terms, rank)),
                                new Part(op, tensor(Dense.transposed(a, outputs, rank), rank, outputs)));
                    case Gemm gemm -> gemms(gemm, a, b, outputs, rank, terms);
                    case Conv conv -> {
                        long[] first = weights.layer().weight().constant().dims();
                        long[] last = Windows.pointwise(first.length, outputs, rank);
                        first[0] = rank;
                        yield List.of(
                                new Part(conv, tensor(b, first)),
                                new Part(Windows.pointwise(first.length - 2), tensor(a, last)));
                    }
                    default -> throw new IllegalArgumentException(op.title());
                };
        return new Factors("rank", List.of(rank), parts, error);
    }

    private static List<Part> gemms(Gemm gemm, double[] a, double[] b, int outputs, int rank, int terms) {
        Gemm first = new Gemm(1, 1, gemm.transA(), gemm.transB());
        Gemm last = new Gemm(gemm.alpha(), gemm.beta(), false, gemm.transB());
        if (gemm.transB()) {
            return List.of(new Part(first, tensor(b, rank, terms)), new Part(last, tensor(a, outputs, rank)));
        }
        return List.of(
                new Part(first, tensor(Dense.transposed(b, rank, terms), terms, rank)),
                new Part(last, tensor(Dense.transposed(a, outputs, rank), rank, outputs)));
    }

    /** Whether a layer is a convolution over two axes with a window that is more than a line. */
    static boolean isSpatial(LinearLayer layer) {
        long[] dims = layer.weight().constant().dims();
        return layer.node().op() instanceof Conv && dims.length == 4 && dims[2] > 1 && dims[3] > 1;
    }

    /**
     * A convolution as one of a column and one of a row (Jaderberg et al., 2014). The columns come from the singular vectors
     * of the weights as [input channel x height, output x width]; the rows are fitted to the inputs.
     *
     * @param weights a convolution for which {@link #isSpatial} holds
     * @param rank the channels between them
     * @return the chain
     */
    static Factors spatial(DecomposedWeights weights, int rank) {
        long[] dims = weights.layer().weight().constant().dims();
        int outputs = (int) dims[0];
        int channels = (int) dims[1];
        int height = (int) dims[2];
        int width = (int) dims[3];
        double[] w = weights.matrix();
        double[] folded = new double[w.length];
        for (int o = 0; o < outputs; o++) {
            for (int ch = 0; ch < channels * height; ch++) {
                for (int x = 0; x < width; x++) {
                    folded[ch * outputs * width + o * width + x] = w[(o * channels * height + ch) * width + x];
                }
            }
        }
        int rows = channels * height;
        double[] u = Dense.svd(folded, rows, outputs * width).u();
        double[] p = Dense.transposed(columns(u, rows, Math.min(rows, outputs * width), rank), rows, rank);
        int terms = weights.terms();
        double[] q = new double[rank * width * terms];
        for (int r = 0; r < rank; r++) {
            for (int x = 0; x < width; x++) {
                for (int ch = 0; ch < rows; ch++) {
                    q[(r * width + x) * terms + ch * width + x] = p[r * rows + ch];
                }
            }
        }
        double[] v = weights.fitted(q, rank * width);
        double error = weights.error(Dense.product(v, q, outputs, rank * width, terms));
        Conv conv = (Conv) weights.layer().node().op();
        return new Factors(
                "spatial",
                List.of(rank),
                List.of(
                        new Part(Windows.column(conv), tensor(p, rank, channels, height, 1)),
                        new Part(Windows.row(conv), tensor(v, outputs, rank, 1, width))),
                error);
    }

    /**
     * A convolution as a pointwise one, one of the same window on fewer channels, and a pointwise one (Tucker-2, Kim et al.,
     * 2016). The output space is that of the largest singular values of {@code W S}; the input space that of the weights with
     * the input channels' second moments; the core is fitted to the inputs.
     *
     * @param weights a convolution for which {@link #isSpatial} holds
     * @param in the channels after the first part
     * @param out the channels before the last part
     * @return the chain
     */
    static Factors tucker(DecomposedWeights weights, int in, int out) {
        long[] dims = weights.layer().weight().constant().dims();
        int outputs = (int) dims[0];
        int channels = (int) dims[1];
        int taps = (int) (dims[2] * dims[3]);
        int terms = weights.terms();
        double[] p = inputSpace(weights, channels, taps, in);
        double[] q = new double[in * taps * terms];
        for (int r = 0; r < in; r++) {
            for (int t = 0; t < taps; t++) {
                for (int c = 0; c < channels; c++) {
                    q[(r * taps + t) * terms + c * taps + t] = p[r * channels + c];
                }
            }
        }
        double[] full = weights.fitted(q, in * taps);
        double[] u = columns(weights.svd().u(), outputs, Math.min(outputs, terms), out);
        double[] core = Dense.product(Dense.transposed(u, outputs, out), full, out, outputs, in * taps);
        double[] whole = Dense.product(Dense.product(u, core, outputs, out, in * taps), q, outputs, in * taps, terms);
        Conv conv = (Conv) weights.layer().node().op();
        return new Factors(
                "Tucker",
                List.of(in, out),
                List.of(
                        new Part(Windows.pointwise(2), tensor(p, in, channels, 1, 1)),
                        new Part(conv, tensor(core, out, in, dims[2], dims[3])),
                        new Part(Windows.pointwise(2), tensor(u, outputs, out, 1, 1))),
                weights.error(whole));
    }

    /** The directions of the input channels that matter most, [in, channels], not orthogonal. */
    private static double[] inputSpace(DecomposedWeights weights, int channels, int taps, int in) {
        int terms = weights.terms();
        double[] w = weights.matrix();
        double[] h = weights.moments();
        double[] ofChannels = new double[channels * channels];
        double[] ofWeights = new double[channels * channels];
        for (int c = 0; c < channels; c++) {
            for (int d = 0; d < channels; d++) {
                double moment = 0;
                for (int t = 0; t < taps; t++) {
                    moment += h[(c * taps + t) * terms + d * taps + t];
                }
                ofChannels[c * channels + d] = moment;
                double product = 0;
                for (int o = 0; o < weights.outputs(); o++) {
                    for (int t = 0; t < taps; t++) {
                        product += w[o * terms + c * taps + t] * w[o * terms + d * taps + t];
                    }
                }
                ofWeights[c * channels + d] = product;
            }
        }
        // The largest eigenvectors e of L^T G L, with the moments L L^T and the weights' products G, give the maps e^T
        // L^-1.
        double mean = Dense.meanDiagonal(ofChannels, channels);
        double[] damped = Dense.damped(ofChannels, channels, mean > 0 ? 1e-6 * mean : 1);
        Dense.Eigen moments = Dense.eigen(damped, channels);
        double[] root = scaled(moments, channels, 0.5);
        double[] inverse = scaled(moments, channels, -0.5);
        double[] product = Dense.product(
                Dense.product(root, ofWeights, channels, channels, channels), root, channels, channels, channels);
        double[] vectors = columns(Dense.eigen(product, channels).vectors(), channels, channels, in);
        return Dense.product(Dense.transposed(vectors, channels, in), inverse, in, channels, channels);
    }

    /** A power of a symmetric positive matrix. */
    private static double[] scaled(Dense.Eigen eigen, int n, double power) {
        double[] left = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                left[i * n + k] = eigen.vectors()[i * n + k] * Math.pow(Math.max(eigen.values()[k], 1e-300), power);
            }
        }
        return Dense.product(left, Dense.transposed(eigen.vectors(), n, n), n, n, n);
    }

    /** The convolution in the form with the fewest weights that keeps a share of the energy, if there is one. */
    static Optional<Factors> spatialOfEnergy(DecomposedWeights weights, double share) {
        long[] dims = weights.layer().weight().constant().dims();
        int most = (int) Math.min(dims[1] * dims[2], dims[0] * dims[3]);
        int low = 1;
        int high = most;
        while (low < high) {
            int middle = (low + high) / 2;
            if (spatial(weights, middle).error() <= (1 - share) * weights.energy()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Factors found = spatial(weights, low);
        return found.error() <= (1 - share) * weights.energy() ? Optional.of(found) : Optional.empty();
    }

    /** Tucker with the fewest weights of a few divisions of the loss between input and output, if one keeps the energy. */
    static Optional<Factors> tuckerOfEnergy(DecomposedWeights weights, double share) {
        int channels = (int) weights.layer().weight().constant().dim(1);
        Factors best = null;
        for (double part : new double[] {0.25, 0.5, 0.75}) {
            int out = weights.rank(1 - (1 - share) * part);
            int low = 1;
            int high = channels;
            while (low < high) {
                int middle = (low + high) / 2;
                if (tucker(weights, middle, out).error() <= (1 - share) * weights.energy()) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            Factors found = tucker(weights, low, out);
            boolean isFit = found.error() <= (1 - share) * weights.energy();
            best = isFit && (best == null || found.parameters() < best.parameters()) ? found : best;
        }
        return Optional.ofNullable(best);
    }

    /** The first columns of a matrix. */
    private static double[] columns(double[] a, int rows, int columns, int count) {
        double[] first = new double[rows * count];
        for (int i = 0; i < rows; i++) {
            System.arraycopy(a, i * columns, first, i * count, count);
        }
        return first;
    }

    private static Tensor tensor(double[] values, long... dims) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, dims);
    }
}
