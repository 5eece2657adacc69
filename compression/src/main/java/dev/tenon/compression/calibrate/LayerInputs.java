package dev.tenon.compression.calibrate;

import dev.tenon.compression.LinearLayer;
import dev.tenon.op.WindowAttributes;
import dev.tenon.op.geometry.WindowGrid;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.Gemm;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The inputs of a layer as rows: the vectors that are multiplied with each row of {@link LinearLayer#matrix}. For a
 * convolution a row is the part of the input under one window, for the channels of one group; padding is 0.
 */
public final class LayerInputs {
    private LayerInputs() {}

    /** Receives the rows. */
    @FunctionalInterface
    public interface RowVisitor {
        /**
         * A row.
         *
         * @param group the group of a convolution, otherwise 0
         * @param row the terms; the array is used again for the next row
         */
        void row(int group, float[] row);
    }

    /**
     * Visits the rows of an input.
     *
     * @param layer the layer
     * @param input a value of its input
     * @param visitor receives the rows in order
     */
    public static void visit(LinearLayer layer, Tensor input, RowVisitor visitor) {
        float[] x = input.toFloatArray();
        if (layer.node().op() instanceof Conv conv) {
            windows(layer, conv, input, x, visitor);
            return;
        }
        int terms = layer.terms();
        float[] row = new float[terms];
        boolean isTransposed = layer.node().op() instanceof Gemm gemm && gemm.transA();
        int rows = x.length / terms;
        for (int r = 0; r < rows; r++) {
            if (isTransposed) {
                for (int i = 0; i < terms; i++) {
                    row[i] = x[i * rows + r];
                }
            } else {
                System.arraycopy(x, r * terms, row, 0, terms);
            }
            visitor.row(0, row);
        }
    }

    private static void windows(LinearLayer layer, Conv conv, Tensor input, float[] x, RowVisitor visitor) {
        long[] dims = input.dims();
        long[] weight = layer.weight().constant().dims();
        long[] spatial = Arrays.copyOfRange(dims, 2, dims.length);
        long[] kernel = Arrays.copyOfRange(weight, 2, weight.length);
        WindowGrid grid = WindowGrid.of(conv.window(), spatial, kernel, outputs(conv.window(), spatial, kernel));
        int groups = layer.groups();
        int channels = (int) weight[1];
        int taps = layer.terms() / channels;
        int pixels = (int) grid.pixels();
        float[] row = new float[layer.terms()];
        for (int image = 0; image < dims[0]; image++) {
            for (long window = 0; window < grid.windows(); window++) {
                for (int group = 0; group < groups; group++) {
                    Arrays.fill(row, 0);
                    long first = ((long) image * dims[1] + (long) group * channels) * pixels;
                    grid.visit(window, (at, tap) -> {
                        for (int c = 0; c < channels; c++) {
                            row[c * taps + (int) tap] = x[(int) (first + (long) c * pixels + at)];
                        }
                    });
                    visitor.row(group, row);
                }
            }
        }
    }

    /** The spatial dimensions of the result of a convolution, by the formulas of the standard. */
    private static long[] outputs(WindowAttributes window, long[] input, long[] kernel) {
        long[] outputs = new long[input.length];
        for (int i = 0; i < input.length; i++) {
            long stride = at(window.strides(), i, 1);
            long extent = (kernel[i] - 1) * at(window.dilations(), i, 1) + 1;
            long padding = at(window.pads(), i, 0) + at(window.pads(), i + input.length, 0);
            outputs[i] = switch (window.autoPad()) {
                case SAME_UPPER, SAME_LOWER -> Math.ceilDiv(input[i], stride);
                case VALID -> (input[i] - extent) / stride + 1;
                case NOTSET -> (input[i] + padding - extent) / stride + 1;
            };
        }
        return outputs;
    }

    private static long at(List<Long> values, int i, long standard) {
        return values.isEmpty() ? standard : values.get(i);
    }
}
