package dev.tenon.kernel.conv;

import dev.tenon.kernel.Layout;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Weights {@code [m, c, ...]} of a channels-last convolution, packed as its kernels read them.
 *
 * @param form how they are packed
 * @param columns the columns of a panel, which depend on the vector width; 1 if there are no panels
 */
public record ChannelsLastWeightLayout(Form form, int columns) implements Layout {
    /** How weights are packed. */
    public enum Form {
        /** For a matrix product: the matrix {@code [taps * c, m]} in panels; the channels of a tap are consecutive rows. */
        PANELS("panels", 0),
        /** Such panels of the float16 numbers that the weights widen. */
        PANELS_FLOAT16("panels-f16-", 0, DType.FLOAT16),
        /** Such panels of the bfloat16 numbers that the weights widen. */
        PANELS_BFLOAT16("panels-bf16-", 0, DType.BFLOAT16),
        /** For a depthwise convolution: a row of m channels for each tap; each output channel reads one input channel. */
        DEPTHWISE("taps", 0),
        /**
         * Transformed for output tiles of 2 x 2, see {@link WinogradPoints}: a matrix {@code [c, m]} in panels for each
         * element.
         */
        WINOGRAD_2X2("tiles2", 2),
        /** Transformed for output tiles of 4 x 4. */
        WINOGRAD_4X4("tiles4", 4);

        private final String id;
        private final int tile;
        private final DType numbers;

        Form(String id, int tile) {
            this(id, tile, DType.FLOAT32);
        }

        Form(String id, int tile, DType numbers) {
            this.id = id;
            this.tile = tile;
            this.numbers = numbers;
        }

        /**
         * The panels for weights of a type.
         *
         * @param numbers float32, float16 or bfloat16
         * @return the form
         */
        public static Form panels(DType numbers) {
            return switch (numbers) {
                case FLOAT16 -> PANELS_FLOAT16;
                case BFLOAT16 -> PANELS_BFLOAT16;
                default -> PANELS;
            };
        }

        /**
         * Whether weights are packed for a matrix product.
         *
         * @return true if they are
         */
        public boolean isPanels() {
            return this == PANELS || numbers != DType.FLOAT32;
        }

        /**
         * The element type of packed weights.
         *
         * @return float32, float16 or bfloat16
         */
        public DType numbers() {
            return numbers;
        }

        /**
         * The number of rows of an output tile.
         *
         * @return 2 or 4, or 0 if weights are not transformed
         */
        public int tile() {
            return tile;
        }
    }

    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED;

    @Override
    public String id() {
        return "last-" + form.id + columns;
    }

    @Override
    public long byteSize(TensorType type) {
        long outputs = type.shape().dim(0).value();
        long inputs = type.shape().dim(1).value();
        long taps = type.shape().knownElements() / Math.max(1, outputs * inputs);
        long matrices = form.tile == 0 ? taps : (form.tile + 2L) * (form.tile + 2L);
        return form.numbers.byteSize(matrices * inputs * Math.ceilDiv(outputs, columns) * columns);
    }

    @Override
    public void pack(Tensor source, MemorySegment target) {
        int outputs = (int) source.dim(0);
        int inputs = (int) source.dim(1);
        int taps = (int) (source.size() / Math.max(1, (long) outputs * inputs));
        if (form.numbers != DType.FLOAT32) {
            packNarrow(source.narrow(), inputs, taps, outputs, target);
            return;
        }
        float[] filters = new float[inputs * taps];
        target.fill((byte) 0);
        for (int m = 0; m < outputs; m++) {
            long from = (long) m * filters.length * Float.BYTES;
            MemorySegment.copy(source.segment(), F32, from, filters, 0, filters.length);
            if (form.tile == 0) {
                packTaps(filters, inputs, taps, m, outputs, target);
            } else {
                packTransformed(filters, inputs, m, outputs, target);
            }
        }
    }

    private void packTaps(float[] filters, int inputs, int taps, int m, int outputs, MemorySegment target) {
        if (form == Form.DEPTHWISE) {
            for (int t = 0; t < taps; t++) {
                target.set(F32, ((long) t * outputs + m) * Float.BYTES, filters[t]);
            }
            return;
        }
        long panel = (long) (m / columns) * taps * inputs * columns + m % columns;
        for (int c = 0; c < inputs; c++) {
            for (int t = 0; t < taps; t++) {
                long row = (long) t * inputs + c;
                target.set(F32, (panel + row * columns) * Float.BYTES, filters[c * taps + t]);
            }
        }
    }

    private void packNarrow(Tensor source, int inputs, int taps, int outputs, MemorySegment target) {
        if (source == null || source.dtype() != form.numbers) {
            throw new IllegalArgumentException("the weights do not widen " + form.numbers.text());
        }
        short[] filters = new short[inputs * taps];
        target.fill((byte) 0);
        for (int m = 0; m < outputs; m++) {
            long from = (long) m * filters.length * Short.BYTES;
            MemorySegment.copy(source.segment(), I16, from, filters, 0, filters.length);
            long panel = (long) (m / columns) * taps * inputs * columns + m % columns;
            for (int c = 0; c < inputs; c++) {
                for (int t = 0; t < taps; t++) {
                    long row = (long) t * inputs + c;
                    target.set(I16, (panel + row * columns) * Short.BYTES, filters[c * taps + t]);
                }
            }
        }
    }

    private void packTransformed(float[] filters, int inputs, int m, int outputs, MemorySegment target) {
        WinogradPoints points = WinogradPoints.of(form.tile);
        double[] transformed = new double[points.elements()];
        long matrix = (long) inputs * Math.ceilDiv(outputs, columns) * columns;
        long panel = (long) (m / columns) * inputs * columns + m % columns;
        for (int c = 0; c < inputs; c++) {
            points.transform(filters, c * WinogradPoints.TAPS, transformed);
            for (int e = 0; e < transformed.length; e++) {
                long at = e * matrix + panel + (long) c * columns;
                target.set(F32, at * Float.BYTES, (float) transformed[e]);
            }
        }
    }
}
