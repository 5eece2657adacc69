package dev.tenon.benchmarks;

import dev.tenon.benchmarks.cases.BenchmarkCase;
import dev.tenon.benchmarks.cases.ChainCase;
import dev.tenon.benchmarks.cases.GemmBenchmark;
import dev.tenon.benchmarks.cases.GemmCase;
import dev.tenon.benchmarks.cases.Kind;
import dev.tenon.benchmarks.cases.MeasuredCase;
import dev.tenon.benchmarks.cases.MiniLmBenchmark;
import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.cases.ModelBenchmark;
import dev.tenon.benchmarks.cases.ModelCase;
import dev.tenon.benchmarks.cases.OverheadBenchmark;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.engine.Engines;
import dev.tenon.benchmarks.operators.KernelBenchmark;
import dev.tenon.benchmarks.operators.KernelCase;
import dev.tenon.benchmarks.operators.OperatorBenchmark;
import dev.tenon.benchmarks.operators.OperatorCase;
import dev.tenon.benchmarks.results.Comparison;
import dev.tenon.benchmarks.results.OversubscriptionText;
import dev.tenon.benchmarks.results.StepTimes;
import dev.tenon.benchmarks.results.TermsText;
import dev.tenon.benchmarks.trees.TreesBenchmark;
import dev.tenon.benchmarks.trees.TreesCase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Param;

/**
 * A benchmark that {@link Compare} runs.
 *
 * @param name the name on the command line
 * @param description a description for the help text
 * @param benchmark the class with JMH annotations
 * @param method the method that is measured
 * @param state the class with the parameters, including the engine
 * @param engines the engines that compute at least one case, Tenon first
 * @param parameters the names of the parameters without the engine, in the order in which cases are run
 * @param listed expands combinations of parameters of the command line; the identity for most suites
 * @param caseOf makes the case of one value for each parameter
 * @param summary makes lines of text from all cases together; may be empty
 */
record Suite(
        String name,
        String description,
        Class<?> benchmark,
        String method,
        Class<?> state,
        List<String> engines,
        List<String> parameters,
        UnaryOperator<List<Map<String, String>>> listed,
        Function<Map<String, String>, BenchmarkCase> caseOf,
        Function<List<Comparison>, String> summary) {
    /** All suites. To add one: write a benchmark and a case, and add an entry here. */
    static final List<Suite> ALL = List.of(
            new Suite(
                    "gemm",
                    "float32 matrix products M x K x N with a packed constant right operand, one thread",
                    GemmBenchmark.class,
                    "multiply",
                    GemmBenchmark.Product.class,
                    Engines.PRODUCTS,
                    List.of("shape"),
                    UnaryOperator.identity(),
                    values -> GemmCase.of(values.get("shape"))),
            new Suite(
                    "minilm",
                    "all-MiniLM-L6-v2, float32 and quantised, sentences x tokens, one thread and two",
                    MiniLmBenchmark.class,
                    "predict",
                    MiniLmBenchmark.Sentences.class,
                    Engines.MODELS,
                    List.of("model", "shape", "threads"),
                    UnaryOperator.identity(),
                    values -> MiniLmCase.of(
                            values.get("model"), values.get("shape"), Integer.parseInt(values.get("threads")))),
            new Suite(
                    "ops",
                    "single operators with constant weights, in float32 and fewer bits, as models, one thread",
                    OperatorBenchmark.class,
                    "predict",
                    OperatorBenchmark.Call.class,
                    Engines.PRODUCTS,
                    List.of("operator"),
                    UnaryOperator.identity(),
                    values -> OperatorCase.of(values.get("operator"))),
            new Suite(
                    "kernels",
                    "kernels by their ids, on operators of a list or of the command line, one thread",
                    KernelBenchmark.class,
                    "predict",
                    KernelBenchmark.Call.class,
                    Engines.PRODUCTS,
                    List.of("kernel", "operator", "machine"),
                    KernelCase::listed,
                    values -> KernelCase.of(values.get("kernel"), values.get("operator"), values.get("machine"))),
            new Suite(
                    "trees",
                    "forests that XGBoost and LightGBM train, calls of one row to ten thousand, which walk through a table;"
                            + " --jpmml fetches JPMML as one more peer",
                    TreesBenchmark.class,
                    "predict",
                    TreesBenchmark.Forest.class,
                    Engines.TREES,
                    List.of("forest", "rows", "threads"),
                    TreesCase::listed,
                    values -> TreesCase.of(
                            values.get("forest"),
                            Integer.parseInt(values.get("rows")),
                            Integer.parseInt(values.get("threads")))),
            new Suite(
                    "overhead",
                    "chains of additions to eight floats: the overhead of a step, one thread",
                    OverheadBenchmark.class,
                    "predict",
                    OverheadBenchmark.Chain.class,
                    Engines.MODELS,
                    List.of("steps"),
                    UnaryOperator.identity(),
                    values -> ChainCase.of(values.get("steps")),
                    StepTimes::lines));

    /** The suite of any models. Its cases come from the command line, see {@link ModelArguments}. */
    static final Suite MODELS = new Suite(
            "compare",
            "models by file or by name",
            ModelBenchmark.class,
            "predict",
            ModelBenchmark.Call.class,
            Engines.MODELS,
            List.of(
                    "model",
                    "file",
                    "shapes",
                    "threads",
                    Terms.PRECISION,
                    Terms.NUMERICS,
                    Terms.CALL,
                    Terms.HUGE_PAGES,
                    Kind.PARAMETER),
            UnaryOperator.identity(),
            values -> MeasuredCase.of(ModelCase.of(
                    values.get("model"),
                    values.get("file"),
                    values.get("shapes"),
                    Integer.parseInt(values.get("threads")),
                    Terms.of(values))),
            TermsText::lines);

    /** The same models, with more threads than there are processors. */
    static final Suite OVERSUBSCRIPTION = new Suite(
            "oversubscription",
            "models that claim more threads than there are processors",
            MODELS.benchmark,
            MODELS.method,
            MODELS.state,
            MODELS.engines,
            MODELS.parameters,
            MODELS.listed,
            MODELS.caseOf,
            all -> OversubscriptionText.lines(all, Runtime.getRuntime().availableProcessors()));

    /** Makes a suite without a summary. */
    private Suite(
            String name,
            String description,
            Class<?> benchmark,
            String method,
            Class<?> state,
            List<String> engines,
            List<String> parameters,
            UnaryOperator<List<Map<String, String>>> listed,
            Function<Map<String, String>, BenchmarkCase> caseOf) {
        this(name, description, benchmark, method, state, engines, parameters, listed, caseOf, comparisons -> "");
    }

    /**
     * The forks of each engine, unless the command line says otherwise.
     *
     * @return at least 1
     */
    int forks() {
        return benchmark.getAnnotation(Fork.class).value();
    }

    /**
     * The values of a parameter, unless the command line says otherwise.
     *
     * @param parameter a name
     * @return at least one value
     */
    List<String> values(String parameter) {
        try {
            return List.of(state.getField(parameter).getAnnotation(Param.class).value());
        } catch (NoSuchFieldException e) {
            throw new IllegalArgumentException(state + " has no parameter '" + parameter + "'", e);
        }
    }

    /**
     * All combinations of parameters, expanded. The last parameter varies fastest.
     *
     * @param valuesOf the values of a parameter
     * @return for each case a value for each parameter
     */
    List<Map<String, String>> combinations(Function<String, List<String>> valuesOf) {
        List<Map<String, String>> all = List.of(Map.of());
        for (String parameter : parameters) {
            List<Map<String, String>> longer = new ArrayList<>();
            for (Map<String, String> head : all) {
                for (String value : valuesOf.apply(parameter)) {
                    Map<String, String> combination = new LinkedHashMap<>(head);
                    combination.put(parameter, value);
                    longer.add(combination);
                }
            }
            all = longer;
        }
        return listed.apply(all);
    }
}
