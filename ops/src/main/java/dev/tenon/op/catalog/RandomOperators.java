package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.random.Bernoulli;
import dev.tenon.op.random.Multinomial;
import dev.tenon.op.random.RandomNormal;
import dev.tenon.op.random.RandomNormalLike;
import dev.tenon.op.random.RandomUniform;
import dev.tenon.op.random.RandomUniformLike;

/** Random operators. */
final class RandomOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, RandomOperators::make);

    private RandomOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(RandomNormal.SCHEMA, RandomNormal.class, RandomNormal::of),
                op(RandomNormalLike.SCHEMA, RandomNormalLike.class, RandomNormalLike::of),
                op(RandomUniform.SCHEMA, RandomUniform.class, RandomUniform::of),
                op(RandomUniformLike.SCHEMA, RandomUniformLike.class, RandomUniformLike::of),
                op(Bernoulli.SCHEMA, Bernoulli.class, Bernoulli::of),
                op(Multinomial.SCHEMA, Multinomial.class, Multinomial::of));
    }
}
