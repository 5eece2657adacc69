package dev.tenon.op.contrib;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class ContribOps {
    /** The domain that all of them belong to. */
    public static final String DOMAIN = "com.microsoft";

    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(Inverse.SCHEMA, Inverse.class, Inverse::of)
            .with(CropAndResize.SCHEMA, CropAndResize.class, CropAndResize::of)
            .with(DynamicTimeWarping.SCHEMA, DynamicTimeWarping.class, DynamicTimeWarping::of)
            .with(NGramRepeatBlock.SCHEMA, NGramRepeatBlock.class, NGramRepeatBlock::of)
            .with(MurmurHash3.SCHEMA, MurmurHash3.class, MurmurHash3::of)
            .with(QLinearAveragePool.SCHEMA, QLinearAveragePool.class, QLinearAveragePool::of);

    private ContribOps() {}
}
