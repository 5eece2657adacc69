package dev.tenon.formats.onnx;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.lowering.OperatorTable;
import dev.tenon.formats.onnx.lowering.OperatorTables;
import dev.tenon.graph.GraphOp;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.InferContext;
import dev.tenon.op.Numerics;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSchema;
import dev.tenon.op.OpSchema.Parameter;
import dev.tenon.op.ViewOp;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import dev.tenon.testkit.AllCases;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.OpCase;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The page that lists all operators. It is made from the operators, their tables and the kernel tables. */
final class OperatorsPage {
    private static final String HEAD = """
            # Operators

            The operators that ONNX models may use. `OperatorsPageTest` makes this page from the tables of the code, fails
            if the page is not current, and tells how to write it again.

            * **versions**: the versions of the operator set that are read, a range for each form. All of them become the
              newest form.
            * **element types**: the element types of the operands, for each type variable of the schema. The operator itself
              checks operands of type `*`.
            * **scalar**, **vector**: the element types of the first operand for which the tier has a kernel, at least for
              some shapes and attributes. Without a kernel, the reference runs, which is right but slow.
            * **error**: how far a floating-point element may be from the exact result. The bound is a sum of two terms: units
              in the last place of the result (ulp), and a multiple of ε m. Here ε is the distance of neighbouring numbers at
              1, and m is the largest magnitude on the way to the result. For a sum, m is the sum of the absolute values of
              its terms. Results that are integers, or are only moved, chosen or compared, are exact. If there are several
              bounds, the attributes decide. A `Conv` with windows of 3 x 3 may use minimal filtering (Winograd), and its m
              covers all elements near by. `numerics(STRICT)` rules that out. `Numerics`, `NumericsMode` and `Conv` tell more.

            Operators move complex numbers (`c64`, `c128`), compare them with 0 and with each other, and convert them by
            `BitCast`. The standard's transforms (`DFT`, `STFT`) have pairs of real numbers in a dimension of their own.
            `Col2Im` adds real numbers only.
            """;

    /** The machine that kernels are selected for. So the page does not depend on the machine that writes it. */
    private static final Capabilities MACHINE = Capabilities.avx512();

    private final Map<String, Set<String>> names = new TreeMap<>();
    private final Map<String, List<String>> ranges = new TreeMap<>();

    private OperatorsPage() {
        for (OperatorTables.Domain domain : OnnxDomains.TABLES.domains()) {
            for (OperatorTable.Row row : OnnxDomains.TABLES.table(domain.name()).rows()) {
                names.computeIfAbsent(domain.name(), d -> new TreeSet<>()).add(row.operator());
                ranges.computeIfAbsent(domain.name() + "::" + row.operator(), k -> new ArrayList<>())
                        .add(range(domain.name(), row.first(), row.last()));
            }
        }
        for (OpDefinition<?> d : OnnxModelBuilder.OPERATORS.definitions()) {
            names.computeIfAbsent(d.schema().domain(), k -> new TreeSet<>())
                    .add(d.schema().name());
        }
    }

    /** The text of the page. */
    static String text() {
        OperatorsPage page = new OperatorsPage();
        StringBuilder text = new StringBuilder(HEAD);
        page.names.forEach((domain, list) -> {
            text.append("\n## ")
                    .append(domain.isEmpty() ? "ai.onnx" : domain)
                    .append("\n\n| operator | versions | element types | scalar | vector | error |\n")
                    .append("| --- | --- | --- | --- | --- | --- |\n");
            for (String name : list) {
                text.append(page.line(domain, name)).append('\n');
            }
        });
        return text.toString();
    }

    private static String range(String domain, int first, int last) {
        if (!domain.isEmpty() && last == StandardDomain.NEWEST) {
            return first + " and above";
        }
        return first == last ? "" + first : first + "–" + last;
    }

    private String line(String domain, String name) {
        OpDefinition<?> d = OnnxModelBuilder.OPERATORS.find(domain, name).orElse(null);
        List<String> versions = ranges.get(domain + "::" + name);
        if (versions == null) {
            versions = List.of(d.since() + " and above");
        }
        String types = d == null ? "becomes other operators" : types(d.schema());
        return "| " + name + " | " + String.join(", ", versions) + " | " + types + " | " + kernels(d) + " | "
                + errors(d) + " |";
    }

    /** The accuracy contracts of an operator in its test cases. */
    private static String errors(OpDefinition<?> d) {
        if (d == null) {
            return "";
        }
        if (GraphOp.class.isAssignableFrom(d.type())) {
            return "of its bodies";
        }
        if (AllCases.operators().find(d.schema().domain(), d.schema().name()).isEmpty()) {
            return "";
        }
        return AllCases.of(d).stream()
                .filter(c -> c.error() == null)
                .map(c -> text(c.op().numerics()))
                .distinct()
                .sorted()
                .collect(Collectors.joining(" or "));
    }

    private static String text(Numerics numerics) {
        List<String> parts = new ArrayList<>();
        if (numerics.ulps() > 0) {
            parts.add(number(numerics.ulps()) + " ulp");
        }
        if (numerics.terms() > 0) {
            String magnitude = numerics.floor() > 0 ? "max(m, " + number(numerics.floor()) + ")" : "m";
            parts.add(number(numerics.terms()) + " ε " + magnitude);
        }
        return parts.isEmpty() ? "exact" : String.join(" + ", parts);
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }

    private static String types(OpSchema schema) {
        Set<String> variables = new LinkedHashSet<>();
        schema.inputs().forEach(p -> variables.add(p.type()));
        schema.outputs().forEach(p -> variables.add(p.type()));
        return variables.stream()
                .map(v -> v.equals("*") ? "`*`" : v + ": " + text(schema.allowed(v)))
                .collect(Collectors.joining("; "));
    }

    private static String text(Set<DType> types) {
        if (types.size() == DType.values().length) {
            return "all";
        }
        return types.stream().map(DType::text).collect(Collectors.joining(" "));
    }

    private static String kernels(OpDefinition<?> d) {
        if (d == null) {
            return " | ";
        }
        if (GraphOp.class.isAssignableFrom(d.type())) {
            return "runs its bodies | runs its bodies";
        }
        if (ViewOp.class.isAssignableFrom(d.type())) {
            return "moves nothing | moves nothing";
        }
        Set<DType> scalar = EnumSet.noneOf(DType.class);
        Set<DType> vector = EnumSet.noneOf(DType.class);
        if (AllCases.operators().find(d.schema().domain(), d.schema().name()).isPresent()) {
            for (OpCase c : AllCases.of(d)) {
                if (c.error() == null && CoreKernels.set().has(c.op())) {
                    collect(c, Capabilities.SCALAR, scalar, scalar);
                    collect(c, MACHINE, scalar, vector);
                }
            }
        }
        return text(scalar) + " | " + text(vector);
    }

    private static void collect(OpCase c, Capabilities machine, Set<DType> scalar, Set<DType> vector) {
        List<ValueType> outputs = infer(c, null);
        if (outputs == null) {
            return;
        }
        for (boolean constants : new boolean[] {false, true}) {
            KernelRun.Prepared asItIs =
                    KernelRun.prepare(CoreKernels.set(), c.op(), c.inputs(), tensors(outputs), constants, machine);
            if (asItIs != null) {
                add(asItIs.kernel(), ((Tensor) c.inputs().getFirst()).dtype(), scalar, vector);
            }
        }
        for (DType type : c.op().schema().allowed(firstVariable(c))) {
            List<ValueType> changed = infer(c, type);
            if (changed != null && type != DType.STRING) {
                List<TensorType> types = inputs(c, type);
                List<Tensor> constants = new ArrayList<>();
                for (int i = 0; i < types.size(); i++) {
                    Tensor own = (Tensor) c.inputs().get(i);
                    constants.add(own != null && i > 0 && own.type().equals(types.get(i)) ? own : null);
                }
                List<Layout> plain = Collections.nCopies(types.size(), Layout.ROW_MAJOR);
                KernelRequest request = new KernelRequest(types, tensors(changed), plain, constants, machine);
                add(CoreKernels.set().prepare(c.op(), request), type, scalar, vector);
            }
        }
    }

    private static void add(Kernel kernel, DType type, Set<DType> scalar, Set<DType> vector) {
        if (kernel != null) {
            (kernel.id().contains("_vector") ? vector : scalar).add(type);
        }
    }

    private static String firstVariable(OpCase c) {
        List<Parameter> formal = c.op().schema().inputs();
        return formal.isEmpty() ? "*" : formal.getFirst().type();
    }

    /** The operand types of a case. A given type replaces those of the first operand's type variable. */
    private static List<TensorType> inputs(OpCase c, DType type) {
        List<Parameter> formal = c.op().schema().inputs();
        List<TensorType> types = new ArrayList<>();
        for (int i = 0; i < c.inputs().size(); i++) {
            Datum d = c.inputs().get(i);
            if (d == null) {
                types.add(null);
                continue;
            }
            String variable = formal.get(Math.min(i, formal.size() - 1)).type();
            boolean replaced = type != null && variable.equals(firstVariable(c));
            TensorType own = ((Tensor) d).type();
            types.add(replaced ? new TensorType(type, own.shape()) : own);
        }
        return types;
    }

    /** The types of the outputs, or null if there is no kernel for them: no tensors, or unknown dimensions. */
    private static List<ValueType> infer(OpCase c, DType type) {
        if (c.inputs().isEmpty()
                || !c.inputs().stream().allMatch(d -> d == null || d instanceof Tensor)
                || c.inputs().getFirst() == null) {
            return null;
        }
        List<InferContext.Operand> operands = new ArrayList<>();
        List<TensorType> types = inputs(c, type);
        for (int i = 0; i < types.size(); i++) {
            Tensor value = (Tensor) c.inputs().get(i);
            operands.add(
                    value == null
                            ? null
                            : value.type().equals(types.get(i))
                                    ? new InferContext.Operand(value)
                                    : new InferContext.Operand(types.get(i)));
        }
        int[] fresh = {0};
        InferContext context = new InferContext(c.op(), "", operands, c.outputs(), () -> Dim.symbol("?" + ++fresh[0]));
        try {
            c.op().schema().check(context);
            List<ValueType> outputs = c.op().infer(context).subList(0, c.outputs());
            return outputs.stream().allMatch(OperatorsPage::isKnown) ? outputs : null;
        } catch (InvalidOperandException e) {
            return null;
        }
    }

    private static boolean isKnown(ValueType type) {
        return type instanceof TensorType t
                && t.dtype() != DType.STRING
                && t.shape().hasRank()
                && t.shape().isKnown();
    }

    private static List<TensorType> tensors(List<ValueType> types) {
        return types.stream().map(t -> (TensorType) t).toList();
    }
}
