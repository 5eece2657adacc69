package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.random.Bernoulli;
import dev.tenon.op.random.Multinomial;
import dev.tenon.op.random.RandomNormal;
import dev.tenon.op.random.RandomNormalLike;
import dev.tenon.op.random.RandomUniform;
import dev.tenon.op.random.RandomUniformLike;

/** Random operators. */
final class RandomOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            RandomOperators::make,
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Bernoulli",
            "Multinomial");

    private RandomOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "RandomNormal" -> op(RandomNormal.SCHEMA, RandomNormal.class, RandomNormal::of);
            case "RandomNormalLike" -> op(RandomNormalLike.SCHEMA, RandomNormalLike.class, RandomNormalLike::of);
            case "RandomUniform" -> op(RandomUniform.SCHEMA, RandomUniform.class, RandomUniform::of);
            case "RandomUniformLike" -> op(RandomUniformLike.SCHEMA, RandomUniformLike.class, RandomUniformLike::of);
            case "Bernoulli" -> op(Bernoulli.SCHEMA, Bernoulli.class, Bernoulli::of);
            case "Multinomial" -> op(Multinomial.SCHEMA, Multinomial.class, Multinomial::of);
            default -> null;
        };
    }
}
