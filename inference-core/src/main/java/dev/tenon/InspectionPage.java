package dev.tenon;

import dev.tenon.formats.ModelMetadata;
import dev.tenon.formats.json.JsonText;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphOp;
import dev.tenon.graph.Node;
import dev.tenon.graph.Value;
import dev.tenon.graph.rewrite.RewriteTrace;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.op.cost.Cost;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The page of a session: the graph before and after optimisation, its steps, the memory of a call, and the rules that were
 * applied. The page is one HTML file with its data, style and script, and needs no network.
 */
final class InspectionPage {
    private static final String TEMPLATE = "inspection.html";
    private static final String DATA_PLACEHOLDER = "@DATA@";
    private static final int MAX_NODES_NAMED = 6;
    private static final int MAX_GRAPHS = 60;
    private static final double MILLION = 1e6;

    /** The attributes of a tree ensemble have a number for each node of its trees: the page shows how many it leaves out. */
    private static final int MAX_ATTRIBUTE_LENGTH = 20_000;

    /** A graph on the page, with the types of its values and the steps of its nodes. */
    private record DrawnGraph(String title, Graph graph, Map<String, ValueType> types, Map<Node, Step> steps) {}

    /** The step of the plan that runs a node. The nanoseconds are null without a profile. */
    private record Step(int index, StepInfo info, Long nanos) {}

    private final Session session;
    private final Inspection inspection;
    private final Map<String, ? extends Datum> inputs;
    private final Profile profile;

    /**
     * Makes the page.
     *
     * @param session a session of the model
     * @param inputs the inputs that the steps are planned for; null for a page without steps
     * @param profile the times of the steps, or null
     */
    InspectionPage(Session session, Map<String, ? extends Datum> inputs, Profile profile) {
        this.session = session;
        this.inspection = session.inspect();
        this.inputs = inputs;
        this.profile = profile;
    }

    /** The page as HTML. */
    String html() {
        String json = JsonText.of(data());
        try (InputStream template = InspectionPage.class.getResourceAsStream(TEMPLATE)) {
            String html = new String(template.readAllBytes(), StandardCharsets.UTF_8);
            // A name in a model can be any text, also the end tag of a script.
            return html.replace(DATA_PLACEHOLDER, json.replace("<", "\\u003c"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> data() {
        List<DrawnGraph> run = asRun();
        List<DrawnGraph> read = asRead();
        RewriteTrace rewrites = inspection.rewrites();
        RewriteTrace savings = inputs == null ? new RewriteTrace() : inspection.savings(inputs);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("model", session.model().name());
        data.put("about", about());
        data.put("profiled", profile != null);
        data.put("figures", figures(run.getFirst(), read.getFirst()));
        data.put("stages", List.of(stage("As run", run), stage("As read", read)));
        data.put("buffers", buffers());
        data.put("rules", fired(rewrites));
        data.put("savings", fired(savings));
        data.put("misses", misses(rewrites, savings));
        data.put("io", io());
        data.put("facts", facts());
        return data;
    }

    private String about() {
        StringBuilder text = new StringBuilder();
        if (inputs == null) {
            text.append("without inputs, so that steps and sizes are not known  ");
        } else {
            text.append("inputs ");
            inputs.forEach((input, t) ->
                    text.append(input).append(' ').append(t.type()).append("  "));
        }
        text.append("· threads ").append(session.options().threads());
        Tiers.Status tier = Tenon.tiers().tiers().stream()
                .filter(Tiers.Status::active)
                .findFirst()
                .orElseThrow();
        text.append(" · ").append(tier.name()).append(" on ").append(tier.detail());
        return text.toString();
    }

    /** The producer of the model, and the versions of its operators. */
    private List<Object> facts() {
        ModelMetadata metadata = session.model().metadata();
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("producer", (metadata.producer() + " " + metadata.producerVersion()).strip());
        new TreeMap<>(metadata.operatorSets())
                .forEach((domain, version) ->
                        facts.put("operator set " + (domain.isEmpty() ? "ai.onnx" : domain), version.toString()));
        facts.put("domain", metadata.domain());
        facts.put("version", metadata.version() == 0 ? "" : Long.toString(metadata.version()));
        facts.put("description", metadata.description());
        metadata.properties().forEach((name, value) -> facts.put("property " + name, value));
        facts.values().removeIf(String::isEmpty);
        List<Object> lines = new ArrayList<>();
        facts.forEach((name, value) -> lines.add(List.of(name, cut(value))));
        return lines;
    }

    private static String cut(String text) {
        return text.length() <= MAX_ATTRIBUTE_LENGTH
                ? text
                : text.substring(0, MAX_ATTRIBUTE_LENGTH) + " … and " + (text.length() - MAX_ATTRIBUTE_LENGTH)
                        + " more characters";
    }

    private List<Object> buffers() {
        List<Object> all = new ArrayList<>();
        for (BufferInfo buffer : inputs == null ? List.<BufferInfo>of() : inspection.buffers(inputs)) {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("bytes", buffer.bytes());
            members.put("offset", buffer.offset());
            members.put("first", buffer.firstStep());
            members.put("last", buffer.lastStep());
            members.put("values", String.join(", ", buffer.values()));
            all.add(members);
        }
        return all;
    }

    private List<DrawnGraph> asRun() {
        List<DrawnGraph> drawn = new ArrayList<>();
        if (profile == null) {
            drawn.add(new DrawnGraph("model", inspection.graph(), types(inspection), steps(steps())));
            bodies(inspection.graph(), drawn);
            return drawn;
        }
        for (Profile.GraphTimes times : profile.graphs()) {
            boolean main = times.owner().isEmpty();
            Map<Node, Step> steps = new IdentityHashMap<>();
            double perCall = (double) times.runs() / profile.calls();
            for (int i = 0; i < times.steps().size(); i++) {
                Profile.StepTime s = times.steps().get(i);
                steps.put(s.step().node(), new Step(i, s.step(), Math.round(s.medianNanos() * perCall)));
            }
            String title = times.owner()
                    .map(owner -> owner.op().title() + " · " + times.graph().name())
                    .orElse("model");
            drawn.add(new DrawnGraph(title, times.graph(), main ? types(inspection) : types(steps.values()), steps));
        }
        return drawn;
    }

    private List<StepInfo> steps() {
        return inputs == null ? List.of() : inspection.steps(inputs);
    }

    private Map<String, ValueType> types(Inspection of) {
        return inputs == null ? Map.of() : of.types(inputs);
    }

    /** The types of the inputs and outputs of steps. */
    private static Map<String, ValueType> types(Collection<Step> steps) {
        Map<String, ValueType> types = new HashMap<>();
        for (Step step : steps) {
            put(step.info().node().inputs(), step.info().inputs(), types);
            put(step.info().node().outputs(), step.info().outputs(), types);
        }
        return types;
    }

    private static void put(List<Value> values, List<ValueType> their, Map<String, ValueType> types) {
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) != null) {
                types.put(values.get(i).name(), their.get(i));
            }
        }
    }

    private List<DrawnGraph> asRead() {
        Inspection plain =
                session.model().session(session.options().optimize(false)).inspect();
        List<DrawnGraph> drawn = new ArrayList<>();
        drawn.add(new DrawnGraph("model", plain.graph(), types(plain), Map.of()));
        bodies(plain.graph(), drawn);
        return drawn;
    }

    private static void bodies(Graph graph, List<DrawnGraph> drawn) {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof GraphOp control) {
                for (Graph body : control.bodies()) {
                    if (drawn.size() < MAX_GRAPHS) {
                        drawn.add(new DrawnGraph(node.op().title() + " · " + body.name(), body, Map.of(), Map.of()));
                        bodies(body, drawn);
                    }
                }
            }
        }
    }

    private static Map<Node, Step> steps(List<StepInfo> list) {
        Map<Node, Step> steps = new IdentityHashMap<>();
        for (int i = 0; i < list.size(); i++) {
            steps.put(list.get(i).node(), new Step(i, list.get(i), null));
        }
        return steps;
    }

    private List<Object> figures(DrawnGraph run, DrawnGraph read) {
        long parameters = read.graph().constants().stream()
                .mapToLong(v -> v.constant().size())
                .sum();
        List<Object> figures = new ArrayList<>();
        figure(
                figures,
                read.graph().nodes().size() + " → " + run.graph().nodes().size(),
                "nodes as read → as run");
        figure(figures, quantity(parameters), "parameters");
        if (inputs == null) {
            return figures;
        }
        Cost asRead = cost(read);
        Cost asRun = cost(run);
        long flops = profile == null ? asRun.flops() : measuredFlops();
        figure(figures, Integer.toString(run.steps().size()), "steps");
        figure(figures, quantity(flops) + "FLOP", "arithmetic of a call");
        figure(
                figures,
                quantity(asRead.bytes()) + "B → " + quantity(asRun.bytes()) + "B",
                "memory moved as read → as run");
        long arena = inspection.buffers(inputs).stream()
                .mapToLong(buffer -> buffer.offset() + buffer.bytes())
                .max()
                .orElse(0);
        figure(figures, quantity(arena) + "B", "memory of a call's values");
        if (profile != null) {
            figure(figures, String.format(Locale.ROOT, "%.3f ms", profile.medianNanos() / MILLION), "median call");
            figure(
                    figures,
                    String.format(Locale.ROOT, "%.1f GFLOP/s", (double) flops / profile.medianNanos()),
                    "speed of a call");
        }
        return figures;
    }

    /** The floating-point operations of a call. A body of a control-flow operator counts as often as it ran. */
    private long measuredFlops() {
        long flops = 0;
        for (Profile.GraphTimes g : profile.graphs()) {
            flops += g.steps().stream()
                    .flatMap(s -> s.step().cost().stream())
                    .mapToLong(cost -> cost.flops() * g.runs() / profile.calls())
                    .sum();
        }
        return flops;
    }

    private static Cost cost(DrawnGraph drawn) {
        Cost sum = Cost.NONE;
        for (Node node : drawn.graph().nodes()) {
            Cost cost = cost(drawn, node);
            sum = cost == null ? sum : sum.plus(cost);
        }
        return sum;
    }

    private static Cost cost(DrawnGraph drawn, Node node) {
        Step step = drawn.steps().get(node);
        if (step != null) {
            return step.info().cost().orElse(null);
        }
        return node.op() instanceof GraphOp
                ? null
                : Cost.of(node.op(), types(drawn, node.inputs()), types(drawn, node.outputs()))
                        .orElse(null);
    }

    private static List<ValueType> types(DrawnGraph drawn, List<Value> values) {
        List<ValueType> types = new ArrayList<>();
        values.forEach(v -> types.add(v == null ? null : type(drawn, v)));
        return types;
    }

    private static ValueType type(DrawnGraph drawn, Value v) {
        return drawn.types().getOrDefault(v.name(), v.type());
    }

    private static void figure(List<Object> figures, String value, String label) {
        figures.add(Map.of("value", value, "label", label));
    }

    private static String quantity(double count) {
        String[] prefixes = {"", "k", "M", "G", "T", "P", "E"};
        int prefix = 0;
        double scaled = count;
        while (scaled >= 999.5 && prefix < prefixes.length - 1) {
            scaled /= 1000;
            prefix++;
        }
        String digits = prefix == 0 || scaled >= 99.95 ? "%.0f %s" : scaled >= 9.995 ? "%.1f %s" : "%.2f %s";
        return String.format(Locale.ROOT, digits, scaled, prefixes[prefix]);
    }

    private static Map<String, Object> stage(String title, List<DrawnGraph> graphs) {
        return Map.of(
                "title",
                title,
                "graphs",
                graphs.stream().map(InspectionPage::graph).toList());
    }

    private static Map<String, Object> graph(DrawnGraph drawn) {
        Graph graph = drawn.graph();
        List<Object> outputs = new ArrayList<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            Value v = graph.outputs().get(i);
            outputs.add(Map.of(
                    "v",
                    v.name(),
                    "n",
                    graph.outputNames().get(i),
                    "t",
                    type(drawn, v).toString()));
        }
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("title", drawn.title());
        members.put("inputs", values(drawn, graph.inputs()));
        members.put("outputs", outputs);
        members.put(
                "nodes", graph.nodes().stream().map(node -> node(drawn, node)).toList());
        return members;
    }

    /** Values with their types; null for one that is left out. */
    private static List<Object> values(DrawnGraph drawn, List<Value> values) {
        List<Object> all = new ArrayList<>();
        for (Value v : values) {
            Map<String, Object> members = new LinkedHashMap<>();
            if (v != null) {
                members.put("v", v.name());
                members.put("t", type(drawn, v).toString());
                if (v.isConstant()) {
                    members.put("c", true);
                    Map<String, Object> histogram = ConstantHistogram.of(v.constant());
                    members.put("h", histogram.isEmpty() ? null : histogram);
                }
            }
            all.add(v == null ? null : members);
        }
        return all;
    }

    private static Map<String, Object> node(DrawnGraph drawn, Node node) {
        Step step = drawn.steps().get(node);
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("op", node.op().title());
        members.put("name", node.name());
        members.put("kind", OperatorKind.of(node.op()));
        members.put("step", step == null ? -1 : step.index());
        if (step != null) {
            members.put("kernel", step.info().kernel());
            members.put("refused", step.info().refusals());
            if (step.nanos() != null) {
                members.put("nanos", step.nanos());
            }
        }
        Cost cost = cost(drawn, node);
        if (cost != null) {
            members.put("flops", cost.flops());
            members.put("bytes", cost.bytes());
        }
        if (!(node.op() instanceof GraphOp)) {
            List<Object> attributes = new ArrayList<>();
            node.op()
                    .attributes()
                    .asMap()
                    .forEach((name, value) -> attributes.add(name + " = " + cut(String.valueOf(value))));
            members.put("attrs", attributes);
        }
        members.put("in", values(drawn, node.inputs()));
        members.put(
                "out",
                values(drawn, node.outputs().stream().filter(Objects::nonNull).toList()));
        return members;
    }

    private static List<Object> fired(RewriteTrace trace) {
        Map<String, List<String>> fired = new LinkedHashMap<>();
        trace.fired()
                .forEach(f ->
                        fired.computeIfAbsent(f.rule(), r -> new ArrayList<>()).add(f.node()));
        List<Object> entries = new ArrayList<>();
        fired.forEach((rule, nodes) -> entries.add(entry(rule, null, trace.count(rule), nodes)));
        return entries;
    }

    private static List<Object> misses(RewriteTrace... traces) {
        Map<String, List<RewriteTrace.NearMiss>> missed = new TreeMap<>();
        for (RewriteTrace trace : traces) {
            trace.nearMisses()
                    .forEach(m -> missed.computeIfAbsent(m.rule() + "\n" + m.reason(), k -> new ArrayList<>())
                            .add(m));
        }
        List<Object> entries = new ArrayList<>();
        missed.values().forEach(all -> {
            List<String> nodes = all.stream().map(RewriteTrace.NearMiss::node).toList();
            entries.add(entry(all.getFirst().rule(), all.getFirst().reason(), nodes.size(), nodes));
        });
        return entries;
    }

    private static Map<String, Object> entry(String rule, String reason, int count, List<String> nodes) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("rule", rule);
        members.put("reason", reason);
        members.put("count", count);
        members.put("nodes", nodes.subList(0, Math.min(MAX_NODES_NAMED, nodes.size())));
        return members;
    }

    private List<Object> io() {
        List<Object> all = new ArrayList<>();
        session.model()
                .inputs()
                .forEach(i -> all.add(info(
                        "input",
                        i,
                        inputs != null && inputs.containsKey(i.name())
                                ? inputs.get(i.name()).type().toString()
                                : "")));
        session.model().outputs().forEach(o -> all.add(info("output", o, "")));
        return all;
    }

    private static Map<String, Object> info(String what, ValueInfo info, String here) {
        return Map.of("what", what, "name", info.name(), "type", info.type().toString(), "here", here);
    }
}
