package dev.tenon.benchmarks.operators;

import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Parses an operator with types of operands, such as {@code Pow(f32[128,3072] positive, const f32[] {2.5})}. Name and
 * attributes have the form of {@link GraphText}. An operand is a type, with {@code const} before it for a constant, or
 * an underscore if it is left out. {@code to 2} or {@code to 3} after the operands asks for so many results.
 *
 * <p>The elements of a constant may follow its type in braces. Otherwise elements are random:
 * <ul>
 * <li>floats from -1 to 1; from 0.1 to 1 if {@code positive} follows the type; from -R to R if {@code within R} follows
 * <li>floats that {@code of f16} or {@code of bf16} holds, for a constant that a model stores in 16 bits
 * <li>integers from 0 below N if {@code below N} follows the type; from -R to R if {@code within R} follows; otherwise all
 *     integers of 8 bits, and up to a thousand for more bits
 * </ul>
 */
final class OperatorText {
    private static final long SEED = 20261127;
    /** The first operator set that has all operators of {@link KernelOperators}. */
    private static final int OPERATOR_SET = 24;

    private static final long MOST = 1000;
    private static final double LEAST_POSITIVE = 0.1;
    private static final String CONSTANT = "const ";
    private static final String POSITIVE = "positive";
    private static final String BELOW = "below";
    private static final String WITHIN = "within";
    private static final String STORED = "of";
    private static final String TO = " to ";
    private static final List<String> RESULTS = List.of("%y", "%z", "%w");

    private OperatorText() {}

    /**
     * Parses an operator.
     *
     * @param name the name of the case
     * @param text the operator
     * @return a graph of one node, with its inputs
     * @throws dev.tenon.error.TenonException if it does not parse or the types do not fit the operator
     */
    static OperatorCase read(String name, String text) {
        int open = text.lastIndexOf('(');
        int close = text.lastIndexOf(')');
        SplittableRandom random = new SplittableRandom(SEED);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Map<String, Tensor> constants = new HashMap<>();
        List<String> heads = new ArrayList<>();
        List<String> operands = new ArrayList<>();
        StringBuilder body = new StringBuilder();
        for (String operand : split(text.substring(open + 1, close))) {
            String value = "x" + operands.size();
            if (operand.equals("_")) {
                operands.add("_");
                continue;
            }
            operands.add("%" + value);
            if (!operand.startsWith(CONSTANT)) {
                Tensor tensor = random(operand, random);
                inputs.put(value, tensor);
                heads.add("%" + value + ": " + tensor.type());
            } else if (operand.endsWith("}")) {
                body.append("%").append(value).append(" = ").append(operand).append('\n');
            } else {
                Tensor tensor = random(operand.substring(CONSTANT.length()), random);
                constants.put(value, tensor);
                body.append("%%%s = const %s @%s%n".formatted(value, tensor.type(), value));
            }
        }
        int count = text.startsWith(TO, close + 1) ? Integer.parseInt(text.substring(close + 1 + TO.length())) : 1;
        String results = String.join(", ", RESULTS.subList(0, count));
        String graph = "graph \"%s\"(%s) {%n%s%s = %s(%s)%nreturn %s%n}%n"
                .formatted(
                        name,
                        String.join(", ", heads),
                        body,
                        results,
                        text.substring(0, open),
                        String.join(", ", operands),
                        results);
        Graph read = GraphText.parse(graph, StandardOperators.set(), constants::get);
        return new OperatorCase(name, read, inputs, null, OPERATOR_SET);
    }

    /** Splits at commas that are outside of brackets and braces. */
    private static List<String> split(String operands) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < operands.length(); i++) {
            char c = operands.charAt(i);
            depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(operands.substring(start, i).strip());
                start = i + 1;
            }
        }
        parts.add(operands.substring(start).strip());
        return parts;
    }

    private static Tensor random(String operand, SplittableRandom random) {
        String[] words = operand.split(" ");
        TensorType type = (TensorType) ValueType.parse(words[0]);
        String rule = words.length > 1 ? words[1] : "";
        if (rule.equals(STORED)) {
            return random(words[2] + words[0].substring(words[0].indexOf('[')), random)
                    .widened();
        }
        double bound = words.length > 2 ? Double.parseDouble(words[2]) : 1;
        double leastReal = rule.equals(POSITIVE) ? LEAST_POSITIVE : -bound;
        if (type.dtype() == DType.FLOAT32) {
            return OperatorCase.uniform(random, leastReal, bound, type.shape().toArray());
        }
        Tensor t = Tensor.allocate(type.dtype(), type.shape().toArray());
        for (long i = 0; i < t.size(); i++) {
            if (t.dtype() == DType.BOOL) {
                t.setBoolean(i, random.nextBoolean());
            } else if (t.dtype().isFloating()) {
                t.setDouble(i, random.nextDouble(leastReal, bound));
            } else if (rule.equals(BELOW)) {
                t.setLong(i, random.nextLong((long) bound));
            } else {
                long most = rule.equals(WITHIN) ? (long) bound : MOST;
                long least = Math.max(t.dtype().minInteger(), -most);
                t.setLong(i, random.nextLong(least, Math.min(t.dtype().maxInteger(), most) + 1));
            }
        }
        return t;
    }
}
