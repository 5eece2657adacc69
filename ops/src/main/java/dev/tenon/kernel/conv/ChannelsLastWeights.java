package dev.tenon.kernel.conv;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Weights {@code [m, c, ...]} of a convolution whose channels lie last, as its kernels read them.
 *
 * @param form how they lie
 * @param columns the columns of a panel, by which machines differ; 1 if there are no panels
 */
public record ChannelsLastWeights(Form form, int columns) implements Layout {
    /** How weights lie. */
    public enum Form {
        /** The matrix {@code [taps * c, m]} in panels, the channels of a tap together. */
        PANELS(0),
        /** A row of channels for each tap; each output channel sees one input channel. */
        TAPS(0),
        /** Transformed for tiles of 2 x 2, see {@link WinogradPoints}: a matrix {@code [c, m]} in panels for each element. */
        TILES2(2),
        /** The same for tiles of 4 x 4. */
        TILES4(4);

        private final int tile;

        Form(int tile) {
            this.tile = tile;
        }

        /**
         * The rows of a tile of the output.
         *
         * @return 2 or 4, or 0 if weights are not transformed
         */
        public int tile() {
            return tile;
        }
    }

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;

    @Override
    public String id() {
        return "last-" + form.name().toLowerCase(Locale.ROOT) + columns;
    }

    @Override
    public long byteSize(TensorType type) {
        long outputs = type.shape().dim(0).value();
        long inputs = type.shape().dim(1).value();
        long taps = type.shape().knownElements() / Math.max(1, outputs * inputs);
        long matrices = form.tile == 0 ? taps : (form.tile + 2L) * (form.tile + 2L);
        return matrices * inputs * Math.ceilDiv(outputs, columns) * columns * Float.BYTES;
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int outputs = (int) source.dim(0);
        int inputs = (int) source.dim(1);
        int taps = (int) (source.size() / Math.max(1, (long) outputs * inputs));
        float[] kernels = new float[inputs * taps];
        target.fill((byte) 0);
        for (int m = 0; m < outputs; m++) {
            long from = (long) m * kernels.length * Float.BYTES;
            MemorySegment.copy(source.segment(), F32, from, kernels, 0, kernels.length);
            if (form.tile == 0) {
                packTaps(kernels, inputs, taps, m, outputs, target);
            } else {
                packTransformed(kernels, inputs, m, outputs, target);
            }
        }
    }

    private void packTaps(float[] kernels, int inputs, int taps, int m, int outputs, MemorySegment target) {
        if (form == Form.TAPS) {
            for (int t = 0; t < taps; t++) {
                target.set(F32, ((long) t * outputs + m) * Float.BYTES, kernels[t]);
            }
            return;
        }
        long panel = (long) (m / columns) * taps * inputs * columns + m % columns;
        for (int c = 0; c < inputs; c++) {
            for (int t = 0; t < taps; t++) {
                long row = (long) t * inputs + c;
                target.set(F32, (panel + row * columns) * Float.BYTES, kernels[c * taps + t]);
            }
        }
    }

    private void packTransformed(float[] kernels, int inputs, int m, int outputs, MemorySegment target) {
        WinogradPoints points = WinogradPoints.of(form.tile);
        double[] transformed = new double[points.elements()];
        long matrix = (long) inputs * Math.ceilDiv(outputs, columns) * columns;
        long panel = (long) (m / columns) * inputs * columns + m % columns;
        for (int c = 0; c < inputs; c++) {
            points.transform(kernels, c * WinogradPoints.TAPS, transformed);
            for (int e = 0; e < transformed.length; e++) {
                long at = e * matrix + panel + (long) c * columns;
                target.set(F32, at * Float.BYTES, (float) transformed[e]);
            }
        }
    }
}
