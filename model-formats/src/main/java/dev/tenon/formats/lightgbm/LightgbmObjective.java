package dev.tenon.formats.lightgbm;

import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.trees.Link;
import dev.tenon.formats.trees.Link.Kind;
import java.util.List;
import java.util.Set;

/** The link of an objective, which a file names with its parameters, such as {@code binary sigmoid:1}. */
final class LightgbmObjective {
    private static final Set<String> IDENTITY =
            Set.of("regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom", "none");

    private LightgbmObjective() {}

    static Link link(String file, String objective) {
        List<String> words = List.of(objective.strip().split(" +"));
        String name = words.getFirst();
        if (name.isEmpty() || IDENTITY.contains(name)) {
            return Link.IDENTITY;
        }
        return switch (name) {
            case "regression" -> words.contains("sqrt") ? Link.of(Kind.SIGNED_SQUARE) : Link.IDENTITY;
            case "poisson", "gamma", "tweedie" -> Link.of(Kind.EXP);
            case "binary", "multiclassova" -> new Link(Kind.LOGISTIC, sigmoid(file, words));
            case "cross_entropy" -> new Link(Kind.LOGISTIC, 1);
            case "cross_entropy_lambda" -> Link.of(Kind.SOFTPLUS);
            case "multiclass" -> Link.of(Kind.SOFTMAX);
            default ->
                throw new UnsupportedModelException(
                        file,
                        "the objective '" + name + "'",
                        "regression, regression_l1, huber, fair, poisson, quantile, mape, gamma, tweedie, binary, multiclass,"
                                + " multiclassova, cross_entropy, cross_entropy_lambda, lambdarank, rank_xendcg, custom",
                        "write 'objective=custom', and apply your link to the output");
        };
    }

    private static double sigmoid(String file, List<String> words) {
        for (String word : words) {
            if (word.startsWith("sigmoid:")) {
                try {
                    return Double.parseDouble(word.substring("sigmoid:".length()));
                } catch (NumberFormatException e) {
                    throw LightgbmReader.malformed(file, "'" + word + "'", "sigmoid: and a number");
                }
            }
        }
        return 1;
    }
}
