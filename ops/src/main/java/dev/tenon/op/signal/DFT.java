package dev.tenon.op.signal;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The discrete Fourier transform along an axis, {@code y[k] = sum x[n] exp(-2 pi i k n / N)}, or its inverse with the
 * factor 1/N. The last dimension holds real numbers (1) or real and imaginary parts (2). A signal is cut, or filled
 * with zeros, to the length of the transform.
 *
 * @param inverse whether it is the inverse transform
 * @param onesided forward: whether only the first N/2+1 results are given, for real input. Inverse: whether the input
 *     is one half of a spectrum, so that the result is real, of length 2(n-1) unless a length is given
 */
public record DFT(boolean inverse, boolean onesided) implements Op {
    // Every step of a fast transform adds an error relative to the sum of magnitudes, even to a result of 0.
    static final Numerics NUMERICS = new Numerics(1, 8, 1);

    /**
     * Inputs input [..., 1 or 2], dft_length (one element) and axis (one element, in [-rank, rank-1], but not the last
     * axis; -2 if absent). The output has the length along the axis, and 2 at the end, or 1 for a real result.
     */
    public static final OpSchema SCHEMA = OpSchema.of("DFT")
            .input("input", "T1")
            .optional("dft_length", "T2")
            .optional("axis", "T3")
            .output("output", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INDICES)
            .where("T3", Types.set(DType.INT64))
            .numerics(NUMERICS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if an attribute is neither 0 nor 1
     */
    public static DFT of(Attributes a) {
        return new DFT(flag(a, "inverse"), flag(a, "onesided"));
    }

    private static boolean flag(Attributes a, String name) {
        long v = a.integer(name, 0);
        if (v != 0 && v != 1) {
            throw new InvalidOperandException("DFT", name + " " + v, "0, 1", null);
        }
        return v == 1;
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("inverse", inverse, false).unless("onesided", onesided, false);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rankFrom(2);
        for (int i = 1; i <= 2; i++) {
            if (c.has(i)) {
                OperandShape.of(c, i).single();
            }
        }
        if (!x.hasRank()) {
            return List.of(new TensorType(c.dtype(0), Shape.unknownRank()));
        }
        int rank = x.rank();
        Dim parts = x.dim(rank - 1);
        boolean real = parts.isKnown() && parts.value() == 1;
        if (parts.isKnown() && parts.value() != 1 && parts.value() != 2) {
            throw c.error("shape " + x.shape(), "1 or 2 at the end", null);
        }
        if (!inverse && onesided && parts.isKnown() && !real) {
            throw c.error("onesided with complex input " + x.shape(), "1 at the end", "set onesided to 0");
        }
        long[] axis = c.has(2) ? c.longs(2) : new long[] {-2};
        if (axis == null) {
            return List.of(new TensorType(c.dtype(0), c.freshShape(rank)));
        }
        int at = c.axis(axis[0], rank, "shape " + x.shape());
        if (at == rank - 1) {
            throw c.error("axis " + axis[0] + " is the last of shape " + x.shape(), "another axis", null);
        }
        Dim length = length(c, x.dim(at));
        Dim along = length;
        if (along != null && onesided && !inverse) {
            along = along.floorDiv(Dim.of(2)).plus(Dim.of(1));
        }
        Shape shape = x.shape().withDim(at, along == null ? c.freshDim() : along);
        return List.of(new TensorType(c.dtype(0), shape.withDim(rank - 1, Dim.of(inverse && onesided ? 1 : 2))));
    }

    private Dim length(InferContext c, Dim signal) {
        if (!c.has(1)) {
            Dim length = inverse && onesided ? signal.minus(Dim.of(1)).times(Dim.of(2)) : signal;
            if (length.isKnown() && length.value() < 1) {
                throw c.error("a transform of length " + length, "1 and above", "give dft_length");
            }
            return length;
        }
        List<Dim> given = c.symbolic(1);
        if (given == null) {
            return null;
        }
        Dim length = given.getFirst();
        if (length.isKnown() && (length.value() < 1 || length.value() > FourierTransform.MOST)) {
            throw c.error("dft_length " + length, "[1, " + FourierTransform.MOST + "]", null);
        }
        return length;
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor y = Tensor.allocate(
                in.tensor(0).dtype(),
                ((TensorType) in.inferOutputs().getFirst()).shape().toArray());
        if (y.size() == 0) {
            return List.of(y);
        }
        Tensor x = in.tensor(0);
        int rank = x.rank();
        int axis = in.axis(in.has(2) ? in.tensor(2).getLong(0) : -2, rank, "shape " + x.shape());
        long signal = x.dim(axis);
        long length = in.has(1) ? in.tensor(1).getLong(0) : inverse && onesided ? 2 * (signal - 1) : signal;
        FourierTransform transform = new FourierTransform(length);
        long inner = 1;
        for (int i = axis + 1; i < rank - 1; i++) {
            inner *= x.dim(i);
        }
        double[] re = new double[(int) length];
        double[] im = new double[(int) length];
        long kept = y.dim(axis);
        long lines = y.size() / (kept * y.dim(rank - 1));
        for (long line = 0; line < lines; line++) {
            load(x, line / inner * signal * inner + line % inner, inner, signal, re, im);
            if (inverse) {
                transform.inverse(re, im);
            } else {
                transform.forward(re, im);
            }
            for (int i = 0; i < kept; i++) {
                long at = ((line / inner * kept + i) * inner + line % inner) * y.dim(rank - 1);
                y.setDouble(at, re[i]);
                if (y.dim(rank - 1) == 2) {
                    y.setDouble(at + 1, im[i]);
                }
            }
        }
        return List.of(y);
    }

    private void load(Tensor x, long first, long inner, long signal, double[] re, double[] im) {
        long parts = x.dim(x.rank() - 1);
        int n = re.length;
        boolean half = inverse && onesided;
        for (int i = 0; i < n; i++) {
            // The other half of the spectrum of a real signal has the conjugates in reverse.
            boolean mirrored = half && i > n / 2;
            int source = mirrored ? n - i : i;
            long at = (first + source * inner) * parts;
            re[i] = source < signal ? x.getDouble(at) : 0;
            im[i] = source < signal && parts == 2 ? x.getDouble(at + 1) * (mirrored ? -1 : 1) : 0;
            if (half && (i == 0 || 2 * i == n)) {
                im[i] = 0;
            }
        }
    }
}
