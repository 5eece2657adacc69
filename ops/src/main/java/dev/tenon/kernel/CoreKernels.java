package dev.tenon.kernel;

/** The kernels of the standard's operators, a line a family. */
public final class CoreKernels {
    private static final KernelSet SET = KernelSet.empty()
            .plus(ElementwiseKernels.SET)
            .plus(CopyKernels.SET)
            .plus(GatherKernels.SET)
            .plus(GemmKernels.SET)
            .plus(AttentionKernels.SET)
            .plus(SoftmaxKernels.SET)
            .plus(ReduceKernels.SET)
            .plus(NormKernels.SET)
            .plus(SumNormKernels.SET)
            .plus(QuantKernels.SET)
            .plus(FusedKernels.SET)
            .plus(TreeKernels.SET)
            .plus(RowModelKernels.SET)
            .plus(ConvKernels.SET)
            .plus(PoolKernels.SET)
            .plus(ChannelNormKernels.SET)
            .plus(ResizeKernels.SET)
            .plus(ConvTransposeKernels.SET)
            .plus(RecurrentKernels.SET)
            .plus(IntegerConvKernels.SET);

    private CoreKernels() {}

    /**
     * All families.
     *
     * @return the set
     */
    public static KernelSet set() {
        return SET;
    }
}
