package dev.tenon.generation.sample;

import dev.tenon.generation.Sampling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The steps of {@link Sampling} as they are written there, in double, with sorting, and with {@link StrictMath}. */
final class ReferenceSampler {
    private ReferenceSampler() {}

    private record Token(int id, double logit) {}

    static int choose(Sampling s, long seed, float[] logits, int[] tokens, int promptCount, int position) {
        List<Token> left = sorted(adjusted(s, logits, tokens, promptCount));
        if (s.isGreedy()) {
            return left.getFirst().id();
        }
        left = new ArrayList<>(left.subList(0, Math.min(left.size(), s.topK().orElse(Integer.MAX_VALUE))));
        double largest = left.getFirst().logit();
        double all = sum(s, left, largest);
        double sum = 0;
        List<Token> nucleus = new ArrayList<>();
        for (Token token : left) {
            if (s.topP() == 1 || sum < s.topP() * all) {
                nucleus.add(token);
            }
            sum += weight(s, token, largest);
        }
        nucleus.removeIf(token -> weight(s, token, largest) < s.minP());
        nucleus.sort(Comparator.comparingInt(Token::id));
        double goal = PositionRandom.uniform(seed, position) * sum(s, nucleus, largest);
        double passed = 0;
        for (Token token : nucleus) {
            passed += weight(s, token, largest);
            if (goal < passed) {
                return token.id();
            }
        }
        throw new AssertionError("nothing drawn");
    }

    private static double weight(Sampling s, Token token, double largest) {
        return StrictMath.exp((token.logit() - largest) / s.temperature());
    }

    private static double sum(Sampling s, List<Token> tokens, double largest) {
        return tokens.stream().mapToDouble(t -> weight(s, t, largest)).sum();
    }

    private static List<Token> sorted(float[] logits) {
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < logits.length; i++) {
            tokens.add(new Token(i, logits[i]));
        }
        // The sort is stable: equal logits stay in the order of their ids. Both zeros are equal.
        tokens.sort(Comparator.comparingDouble(t -> 0 - t.logit()));
        return tokens;
    }

    private static float[] adjusted(Sampling s, float[] logits, int[] tokens, int promptCount) {
        float[] adjusted = logits.clone();
        s.bias().forEach((id, bias) -> adjusted[id] = (float) (adjusted[id] + bias));
        Map<Integer, Integer> generated = new HashMap<>();
        for (int i = (int) Math.max(0L, (long) tokens.length - s.penaltyTokens()); i < tokens.length; i++) {
            generated.merge(tokens[i], i < promptCount ? 0 : 1, Integer::sum);
        }
        generated.forEach((id, count) -> {
            if (id < logits.length) {
                double l = adjusted[id];
                l = l > 0 ? l / s.repetitionPenalty() : l * s.repetitionPenalty();
                adjusted[id] = (float) (count == 0 ? l : l - (count * s.frequencyPenalty() + s.presencePenalty()));
            }
        });
        return adjusted;
    }

    /** Log-probabilities of the logits as they are. */
    static double[] logProbabilities(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += StrictMath.exp(logit - largest);
        }
        double[] result = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            result[i] = logits[i] - largest - StrictMath.log(sum);
        }
        return result;
    }
}
