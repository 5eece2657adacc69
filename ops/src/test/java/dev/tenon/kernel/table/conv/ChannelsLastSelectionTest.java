package dev.tenon.kernel.table.conv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ChannelsLastWeightLayout.Form;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.pool.ChannelsLastPoolProblem;
import dev.tenon.kernel.table.pool.ChannelsLastPoolKernels;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which kernel for channels last is selected. */
class ChannelsLastSelectionTest {
    private static final Window2d.Axis AXIS = new Window2d.Axis(56, 3, 56, 1, 1, 1, 1);
    private static final Window2d PLANE = new Window2d(AXIS, AXIS);

    @Test
    void theLayoutOfWeightsSelectsTheKernel() {
        ConvProblem dense = new ConvProblem(PLANE, 1, 1, 32, 64, 2, 3);
        assertThat(selected(dense, Form.PANELS, Capabilities.avx512())).isEqualTo("conv_f32_last_product_vector");
        assertThat(selected(dense, Form.WINOGRAD_4X4, Capabilities.avx2())).isEqualTo("conv_f32_last_winograd_vector");
        assertThat(selected(dense, null, Capabilities.avx512())).isEqualTo("conv_f32_last_scalar");
        assertThat(selected(new ConvProblem(PLANE, 1, 32, 1, 1, -1, 2), Form.DEPTHWISE, Capabilities.avx2()))
                .isEqualTo("conv_f32_last_depthwise_vector");
        assertThat(ChannelsLastConvKernels.TABLE
                        .choose(new ChannelsLastConvProblem(dense, Form.PANELS), Capabilities.avx512())
                        .refusals())
                .containsExactly(
                        "conv_f32_last_winograd_x64: the assembled tier is off",
                        "conv_f32_last_depthwise_x64: the assembled tier is off",
                        "conv_f32_last_gemm_x64: the assembled tier is off",
                        "conv_f32_last_winograd_vector: the weights are not transformed for tiles of 4 x 4",
                        "conv_f32_last_depthwise_vector: the weights are not stored by taps");
        ChannelsLastPoolProblem few = new ChannelsLastPoolProblem(PLANE, 1, 15, true, false);
        assertThat(ChannelsLastPoolKernels.TABLE
                        .choose(few, Capabilities.avx512())
                        .refusals())
                .containsExactly(
                        "pool_f32_last_max_x64: the assembled tier is off", "pool_f32_last_vector: 15 channels");
    }

    /** Machine code is selected wherever weights are packed, with vectors or without. */
    @Test
    void machineCodeTakesAllPackedWeights() {
        Set<InstructionSet> sets = EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512);
        ConvProblem dense = new ConvProblem(PLANE, 1, 1, 32, 64, 2, 3);
        ConvProblem depthwise = new ConvProblem(PLANE, 1, 32, 1, 1, -1, 2);
        for (Capabilities machine : List.of(Capabilities.avx512(), Capabilities.avx2(), Capabilities.SCALAR)) {
            Capabilities assembled = machine.withInstructions(sets);
            assertThat(selected(dense, Form.WINOGRAD_4X4, assembled)).isEqualTo("conv_f32_last_winograd_x64");
            assertThat(selected(dense, Form.PANELS, assembled)).isEqualTo("conv_f32_last_gemm_x64");
            assertThat(selected(depthwise, Form.DEPTHWISE, assembled)).isEqualTo("conv_f32_last_depthwise_x64");
        }
        Capabilities narrow = Capabilities.avx512().withInstructions(EnumSet.of(InstructionSet.AVX2));
        assertThat(selected(dense, Form.PANELS, narrow)).isEqualTo("conv_f32_last_product_vector");
    }

    /** An image of a batch gets the kernel, and so the bits, that it gets alone. */
    @Test
    void averagesDoNotDependOnTheBatch() {
        Capabilities machine = Capabilities.avx512()
                .withMinVectorNanos(20_000)
                .withInstructions(EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512));
        Set<List<String>> refusals = new HashSet<>();
        for (int side = 1; side < 60; side++) {
            Window2d.Axis axis = new Window2d.Axis(side, 3, side, 1, 1, 1, 1);
            Window2d plane = new Window2d(axis, axis);
            List<String> alone = ChannelsLastPoolKernels.TABLE
                    .choose(new ChannelsLastPoolProblem(plane, 1, 16, true, false), machine)
                    .refusals();
            assertThat(ChannelsLastPoolKernels.TABLE
                            .choose(new ChannelsLastPoolProblem(plane, 1000, 16, true, false), machine)
                            .refusals())
                    .isEqualTo(alone);
            refusals.add(alone);
        }
        assertThat(refusals).hasSizeGreaterThan(1);
    }

    private static String selected(ConvProblem p, Form form, Capabilities machine) {
        return ChannelsLastConvKernels.TABLE
                .choose(new ChannelsLastConvProblem(p, form), machine)
                .choice()
                .id();
    }
}
