package dev.tenon.op.signal;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OperandShape;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * The Fourier transforms of overlapping frames of a signal, each multiplied by a window. There are
 * {@code (length - frame) / step + 1} frames. A window that is longer than the frame reads zeros after the signal and
 * is cut to the frame.
 *
 * @param onesided whether only the first N/2+1 results are given, for real signals
 */
public record STFT(boolean onesided) implements Op {
    /**
     * Inputs signal [batch, length, 1 or 2] or [batch, length], frame_step (one element), window of rank 1 and
     * frame_length (one element); output [batch, frames, bins, 2].
     */
    public static final OpSchema SCHEMA = OpSchema.of("STFT")
            .input("signal", "T1")
            .input("frame_step", "T2")
            .optional("window", "T1")
            .optional("frame_length", "T2")
            .output("output", "T1")
            .where("T1", Types.FLOATS)
            .where("T2", Types.INDICES)
            .numerics(DFT.NUMERICS);

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws InvalidOperandException if {@code onesided} is neither 0 nor 1
     */
    public static STFT of(Attributes a) {
        long v = a.integer("onesided", 1);
        if (v != 0 && v != 1) {
            throw new InvalidOperandException("STFT", "onesided " + v, "0, 1", null);
        }
        return new STFT(v == 1);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none().unless("onesided", onesided, true);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        OperandShape x = OperandShape.of(c, 0).rank(2, 3);
        OperandShape.of(c, 1).single();
        if (x.rank() == 3 && x.dim(2).isKnown() && x.dim(2).value() != 1) {
            if (x.dim(2).value() != 2) {
                throw c.error("shape " + x.shape(), "1 or 2 at the end", null);
            }
            if (onesided) {
                throw c.error("onesided with complex signal " + x.shape(), "1 at the end", "set onesided to 0");
            }
        }
        Dim frame = frame(c, x);
        Dim signal = x.hasRank() ? x.dim(1) : null;
        if (isKnown(frame) && (frame.value() < 1 || frame.value() > FourierTransform.MOST)) {
            throw c.error("frames of length " + frame, "[1, " + FourierTransform.MOST + "]", null);
        }
        if (isKnown(frame) && isKnown(signal) && frame.value() > signal.value()) {
            throw c.error("frames of length " + frame, "at most that of the signal, " + signal, null);
        }
        long[] step = c.longs(1);
        if (step != null && step[0] < 1) {
            throw c.error("frame_step " + step[0], "1 and above", null);
        }
        Dim frames = null;
        if (step != null && isKnown(frame) && isKnown(signal)) {
            frames = Dim.of((signal.value() - frame.value()) / step[0] + 1);
        }
        Dim bins = frame != null && onesided ? frame.floorDiv(Dim.of(2)).plus(Dim.of(1)) : frame;
        Shape shape = Shape.of(
                OperandShape.orFresh(c, x.dim(0)),
                OperandShape.orFresh(c, frames),
                OperandShape.orFresh(c, bins),
                Dim.of(2));
        return List.of(new TensorType(c.dtype(0), shape));
    }

    private static Dim frame(InferContext c, OperandShape x) {
        Dim window = c.has(2) ? OperandShape.of(c, 2).rank(1).dim(0) : null;
        if (c.has(3)) {
            OperandShape.of(c, 3).single();
            List<Dim> given = c.symbolic(3);
            return given == null ? null : given.getFirst();
        }
        return c.has(2) ? window : x.hasRank() ? x.dim(1) : null;
    }

    private static boolean isKnown(Dim d) {
        return d != null && d.isKnown();
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(
                x.dtype(), ((TensorType) in.inferOutputs().getFirst()).shape().toArray());
        Tensor window = in.tensorOrNull(2);
        long step = in.tensor(1).getLong(0);
        long frame = in.has(3) ? in.tensor(3).getLong(0) : window != null ? window.dim(0) : x.dim(1);
        long filled = window == null ? frame : Math.min(frame, window.dim(0));
        long parts = x.rank() == 3 ? x.dim(2) : 1;
        if (y.size() == 0) {
            return List.of(y);
        }
        FourierTransform transform = new FourierTransform(frame);
        double[] re = new double[(int) frame];
        double[] im = new double[(int) frame];
        for (long f = 0; f < y.dim(0) * y.dim(1); f++) {
            long b = f / y.dim(1);
            long start = f % y.dim(1) * step;
            for (int i = 0; i < frame; i++) {
                double w = window == null || i >= filled ? 1 : window.getDouble(i);
                long at = (b * x.dim(1) + start + i) * parts;
                re[i] = i < filled ? x.getDouble(at) * w : 0;
                im[i] = i < filled && parts == 2 ? x.getDouble(at + 1) * w : 0;
            }
            transform.forward(re, im);
            for (int k = 0; k < y.dim(2); k++) {
                y.setDouble((f * y.dim(2) + k) * 2, re[k]);
                y.setDouble((f * y.dim(2) + k) * 2 + 1, im[k]);
            }
        }
        return List.of(y);
    }
}
