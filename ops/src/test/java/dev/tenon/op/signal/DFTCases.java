package dev.tenon.op.signal;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.random;
import static dev.tenon.testkit.Literals.steps;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link DFT}. */
public final class DFTCases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("real, power of two", new DFT(false, false), steps(11, 1, 8, 1))
                        .expect(f32(dims(1, 8, 2), """
                                0 0   1.7781746 -4.2928934   5 -5   -13.778174 5.7071066
                                -6 0   -13.778174 -5.7071066   5 5   1.7781746 4.2928934""")),
                OpCase.of("real, prime length", new DFT(false, false), steps(11, 1, 7, 1))
                        .expect(f32(dims(1, 7, 2), """
                                -2.5 0   -2.5 -4.974225   -2.5 -13.813288   -2.5 3.701373
                                -2.5 -3.701373   -2.5 13.813288   -2.5 4.974225""")),
                OpCase.of("complex", new DFT(false, false), steps(5, 2, 3, 2)).expect(f32(dims(2, 3, 2), """
                                -1.5 -0.5   2.3660254 -4.3660254   0.6339746 -2.6339746
                                -0.5 -4.5   -2.6339746 0.6339746   -4.3660254 2.3660254""")),
                OpCase.of("length 1", new DFT(false, false), steps(5, 2, 1, 2))
                        .expect(f32(dims(2, 1, 2), 0.5f, -2.5f, -0.5f, 1.5f)),
                OpCase.of("onesided, even", new DFT(false, true), steps(11, 1, 8, 1))
                        .expect(f32(dims(1, 5, 2), "0 0 1.7781746 -4.2928934 5 -5 -13.778174 5.7071066 -6 0")),
                OpCase.of("onesided, odd", new DFT(false, true), steps(11, 1, 5, 1))
                        .expect(f32(dims(1, 3, 2), 2.5f, 0, 2.3991868f, -3.3021975f, -9.899187f, 3.216441f)),
                OpCase.of("first axis", new DFT(false, false), steps(7, 3, 2, 1), null, Tensor.scalar(0L))
                        .expect(f32(dims(3, 2, 2), -1.5f, 0, -1.5f, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
                OpCase.of("filled with zeros", new DFT(false, false), steps(5, 1, 3, 1), Tensor.scalar(5L))
                        .expect(f32(dims(1, 5, 2), """
                                -2.5 0   0.13196601 2.6715338   2.368034 0.99393487
                                2.368034 -0.99393487   0.13196601 -2.6715338""")),
                OpCase.of("cut", new DFT(false, false), steps(5, 1, 6, 1), Tensor.scalar(4L), Tensor.scalar(1L))
                        .expect(f32(dims(1, 4, 2), -1, 0, 1, 4, 1, 0, 1, -4)),
                OpCase.of("inverse", new DFT(true, false), steps(5, 1, 6, 2)).expect(f32(dims(1, 6, 2), """
                                -0.33333334 -0.8333333   -0.36602542 -0.91068363
                                -0.62200844 -0.0446582   0.5 -0.33333334
                                -0.0446582 -0.62200844   1.3660254 0.24401693""")),
                OpCase.of("inverse, of half a spectrum", new DFT(true, true), steps(5, 1, 4, 2))
                        .expect(f32(dims(1, 6, 1), -1, 0.0893164f, -0.28867513f, 0.16666667f, 0.28867513f, 1.2440169f)),
                OpCase.of(
                                "inverse, of half a spectrum, odd length",
                                new DFT(true, true),
                                steps(5, 1, 4, 2),
                                Tensor.scalar(7L))
                        .expect(f32(
                                dims(1, 7, 1),
                                "-1.2142857 0.30891123 -0.42353612 0.15688747 0.026856566 0.51153 1.1336366")),
                OpCase.of("float16", new DFT(false, false), random(DType.FLOAT16, 1, 2, 12, 1)),
                OpCase.of("double, long and prime", new DFT(false, false), random(DType.FLOAT64, 1, 1, 251, 2)),
                OpCase.of("bfloat16, empty batch", new DFT(false, true), random(DType.BFLOAT16, 1, 0, 4, 1)),
                OpCase.of("last axis", new DFT(false, false), steps(11, 1, 8, 1), null, Tensor.scalar(-1L))
                        .fails("is the last of shape"),
                OpCase.of("onesided of complex input", new DFT(false, true), steps(5, 2, 3, 2))
                        .fails("onesided with complex input"),
                OpCase.of("length 0", new DFT(false, false), steps(11, 1, 8, 1), Tensor.scalar(0L))
                        .fails("dft_length 0"),
                OpCase.of("three parts", new DFT(false, false), steps(5, 2, 3, 3))
                        .fails("1 or 2 at the end"));
    }
}
