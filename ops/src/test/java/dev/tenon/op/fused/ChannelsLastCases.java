package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.linear;
import static dev.tenon.testkit.Literals.random;

import dev.tenon.op.Attributes;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.tensor.DType;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ChannelsLast}. */
public final class ChannelsLastCases implements OpCases {
    private static final Attributes TWO = Attributes.none().with("kernel_shape", new long[] {2, 2});

    @Override
    public List<OpCase> cases() {
        ChannelsLast conv = new ChannelsLast(Conv.of(Attributes.none()));
        ChannelsLast same = new ChannelsLast(Conv.of(Attributes.none().with("pads", new long[] {1, 1, 1, 1})));
        ChannelsLast depthwise =
                new ChannelsLast(Conv.of(Attributes.none().with("group", 20L).with("pads", new long[] {0, 1, 1, 0})));
        return List.of(
                // Pixels (1, 10), (2, 20), (3, 30), (4, 40); the sum of both channels, and their difference plus 1.
                OpCase.of(
                                "one element",
                                conv,
                                f32(dims(1, 2, 2, 2), 1, 10, 2, 20, 3, 30, 4, 40),
                                f32(dims(2, 2, 1, 1), 1, 1, 1, -1),
                                f32(dims(2), 0, 1))
                        .expect(f32(dims(1, 2, 2, 2), 11, -8, 22, -17, 33, -26, 44, -35)),
                OpCase.of("one axis", conv, f32(dims(1, 3, 2), 1, 10, 2, 20, 3, 30), f32(dims(1, 2, 2), 1, 2, 0, 1))
                        .expect(f32(dims(1, 2, 1), 25, 38)),
                OpCase.of("largest", new ChannelsLast(MaxPool.of(TWO)), linear(0, 1, 1, 2, 2, 2))
                        .expect(f32(dims(1, 1, 1, 2), 6, 7)),
                OpCase.of("mean", new ChannelsLast(AveragePool.of(TWO)), linear(0, 1, 1, 2, 2, 2))
                        .expect(f32(dims(1, 1, 1, 2), 3, 4)),
                OpCase.of("mean of all", new ChannelsLast(new GlobalAveragePool()), linear(0, 1, 1, 2, 2, 2))
                        .expect(f32(dims(1, 1, 1, 2), 3, 4)),
                OpCase.of("largest of all", new ChannelsLast(new GlobalMaxPool()), linear(0, 1, 1, 2, 2, 2))
                        .expect(f32(dims(1, 1, 1, 2), 6, 7)),
                OpCase.of(
                        "random convolution",
                        same,
                        random(DType.FLOAT32, 1, 2, 9, 7, 20),
                        random(DType.FLOAT32, 2, 35, 20, 3, 3),
                        random(DType.FLOAT32, 3, 35)),
                OpCase.of(
                        "random depthwise convolution",
                        depthwise,
                        random(DType.FLOAT32, 1, 2, 9, 7, 20),
                        random(DType.FLOAT32, 2, 20, 1, 3, 3)),
                // Each pixel (1, 10), (2, 20) becomes the sum of its channels and their difference, one beside the
                // other.
                OpCase.of(
                                "transposed",
                                new ChannelsLast(
                                        ConvTranspose.of(Attributes.none().with("strides", new long[] {1, 2}))),
                                f32(dims(1, 1, 2, 2), 1, 10, 2, 20),
                                f32(dims(2, 1, 1, 2), 1, 1, 1, -1),
                                f32(dims(1), 0.5f))
                        .expect(f32(dims(1, 1, 4, 1), 11.5f, -8.5f, 22.5f, -17.5f)),
                OpCase.of(
                        "random transposed convolution",
                        new ChannelsLast(ConvTranspose.of(Attributes.none().with("strides", new long[] {2, 2}))),
                        random(DType.FLOAT32, 1, 2, 5, 7, 20),
                        random(DType.FLOAT32, 2, 20, 19, 2, 2),
                        random(DType.FLOAT32, 3, 19)),
                // Of bytes with the zero point 10: -9 and 10, -8 and 20, and so on.
                OpCase.of(
                                "integers",
                                new ChannelsLast(ConvInteger.of(Attributes.none())),
                                ints(DType.UINT8, dims(1, 2, 2, 2), 1, 20, 2, 30, 3, 40, 4, 50),
                                ints(DType.INT8, dims(2, 2, 1, 1), 1, 1, 1, -1),
                                ints(DType.UINT8, dims(), 10))
                        .expect(ints(DType.INT32, dims(1, 2, 2, 2), 1, -19, 12, -28, 23, -37, 34, -46)),
                OpCase.of(
                                "largest byte",
                                new ChannelsLast(MaxPool.of(TWO)),
                                ints(DType.UINT8, dims(1, 2, 2, 2), 0, 9, 2, 7, 4, 5, 6, 3))
                        .expect(ints(DType.UINT8, dims(1, 1, 1, 2), 6, 9)),
                OpCase.of("no instances", conv, f32(dims(0, 2, 2, 1)), f32(dims(1, 1, 1, 1), 1))
                        .expect(f32(dims(0, 2, 2, 1))),
                OpCase.of("too many channels", conv, linear(0, 1, 1, 2, 2, 3), f32(dims(1, 2, 1, 1), 1, 1))
                        .fails("channels"),
                OpCase.of("vector", conv, f32(dims(2), 1, 2), f32(dims(1, 1, 1), 1))
                        .fails("channels"));
    }
}
