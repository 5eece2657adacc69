package dev.tenon.op.random;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class RandomOps {
    private RandomOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("RandomNormal")) list.add(RandomNormal.SCHEMA, RandomNormal.class, RandomNormal::of);
        if (list.asks("RandomNormalLike"))
            list.add(RandomNormalLike.SCHEMA, RandomNormalLike.class, RandomNormalLike::of);
        if (list.asks("RandomUniform")) list.add(RandomUniform.SCHEMA, RandomUniform.class, RandomUniform::of);
        if (list.asks("RandomUniformLike"))
            list.add(RandomUniformLike.SCHEMA, RandomUniformLike.class, RandomUniformLike::of);
        if (list.asks("Bernoulli")) list.add(Bernoulli.SCHEMA, Bernoulli.class, Bernoulli::of);
        if (list.asks("Multinomial")) list.add(Multinomial.SCHEMA, Multinomial.class, Multinomial::of);
    }
}
