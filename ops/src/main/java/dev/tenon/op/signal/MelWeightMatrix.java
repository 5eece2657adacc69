package dev.tenon.op.signal;

import dev.tenon.op.Attributes;
import dev.tenon.op.InferContext;
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
 * The matrix that turns a spectrum into bands of the mel scale, {@code mel(f) = 2595 log10(1 + f / 700)}. Each band has
 * a column. The scale has {@code bands + 2} frequencies {@code low + i (high - low) / (bands + 2)}, rounded down to
 * bins of the spectrum. A column is a triangle of height 1 over three neighbouring ones of these bins.
 *
 * @param type the element type of the matrix, of numbers; integers are truncated
 */
public record MelWeightMatrix(DType type) implements Op {
    /**
     * Inputs, one element each: the number of bands, the length of the transform, the sample rate, the lowest and the
     * highest frequency; output [length/2+1, bands].
     */
    public static final OpSchema SCHEMA = OpSchema.of("MelWeightMatrix")
            .input("num_mel_bins", "T1")
            .input("dft_length", "T1")
            .input("sample_rate", "T1")
            .input("lower_edge_hertz", "T2")
            .input("upper_edge_hertz", "T2")
            .output("output", "T3")
            .where("T1", Types.INDICES)
            .where("T2", Types.FLOATS)
            .where("T3", Types.NUMBERS)
            .ulps(1);

    private static final double MELS = 2595;
    private static final double HERTZ = 700;

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if {@code output_datatype} is no type of numbers
     */
    public static MelWeightMatrix of(Attributes a) {
        return new MelWeightMatrix(WindowFunction.type("MelWeightMatrix", a));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return WindowFunction.attributes(true, type);
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        for (int i = 0; i < 5; i++) {
            OperandShape.of(c, i).single();
        }
        Dim bands = element(c, 0, 0);
        Dim length = element(c, 1, 0);
        element(c, 2, 1);
        Dim bins = length == null ? c.freshDim() : length.floorDiv(Dim.of(2)).plus(Dim.of(1));
        return List.of(new TensorType(type, Shape.of(bins, OperandShape.orFresh(c, bands))));
    }

    private static Dim element(InferContext c, int input, long least) {
        List<Dim> elements = c.symbolic(input);
        if (elements == null) {
            return null;
        }
        Dim d = elements.getFirst();
        if (d.isKnown() && d.value() < least) {
            throw c.error("'" + SCHEMA.inputs().get(input).name() + "' is " + d, least + " and above", null);
        }
        return d;
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        long bands = in.tensor(0).getLong(0);
        long length = in.tensor(1).getLong(0);
        Tensor y = Tensor.allocate(type, length / 2 + 1, bands);
        for (long band = 0; band < bands && y.size() > 0; band++) {
            long left = bin(in, band);
            long centre = bin(in, band + 1);
            long right = bin(in, band + 2);
            for (long i = left; i < centre; i++) {
                set(y, i, band, (double) (i - left) / (centre - left));
            }
            set(y, centre, band, 1);
            for (long i = centre + 1; i < right; i++) {
                set(y, i, band, (double) (right - i) / (right - centre));
            }
        }
        return List.of(y);
    }

    private void set(Tensor y, long bin, long band, double value) {
        long at = bin * y.dim(1) + band;
        if (type.isFloating()) {
            y.setDouble(at, value);
        } else {
            y.setLong(at, (long) value);
        }
    }

    /** The bin of the i-th frequency. */
    private static long bin(Operands in, long i) {
        double low = MELS * Math.log10(1 + in.tensor(3).getDouble(0) / HERTZ);
        double high = MELS * Math.log10(1 + in.tensor(4).getDouble(0) / HERTZ);
        double step = (high - low) / (in.tensor(0).getLong(0) + 2);
        double hertz = HERTZ * (Math.pow(10, (i * step + low) / MELS) - 1);
        long length = in.tensor(1).getLong(0);
        double bin = Math.floor((length + 1) * hertz / in.tensor(2).getLong(0));
        long last = length / 2;
        if (!(bin >= 0 && bin <= last)) {
            throw in.error(
                    "frequency " + hertz + " Hz falls into bin " + bin,
                    "[0, " + last + "]",
                    "give edges between 0 and half the sample rate");
        }
        return (long) bin;
    }
}
