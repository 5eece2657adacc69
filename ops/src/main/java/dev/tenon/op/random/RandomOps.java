package dev.tenon.op.random;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class RandomOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(RandomNormal.SCHEMA, RandomNormal.class, RandomNormal::of)
            .with(RandomNormalLike.SCHEMA, RandomNormalLike.class, RandomNormalLike::of)
            .with(RandomUniform.SCHEMA, RandomUniform.class, RandomUniform::of)
            .with(RandomUniformLike.SCHEMA, RandomUniformLike.class, RandomUniformLike::of)
            .with(Bernoulli.SCHEMA, Bernoulli.class, Bernoulli::of)
            .with(Multinomial.SCHEMA, Multinomial.class, Multinomial::of);

    private RandomOps() {}
}
