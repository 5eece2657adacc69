package dev.tenon;

import dev.tenon.formats.json.JsonText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A profile as JSON in the Trace Event Format (Trace Event Format, Google, 2016): complete events for calls, steps and parts of
 * steps, counter events for memory, and metadata events for names. Times are in microseconds.
 */
final class ProfileTrace {
    private static final int PROCESS = 1;
    private static final double NANOS_A_MICROSECOND = 1000;

    private final Profile profile;
    private final Map<String, Integer> threads = new LinkedHashMap<>();
    private final List<Object> events = new ArrayList<>();

    ProfileTrace(Profile profile) {
        this.profile = profile;
    }

    String json() {
        profile.spans().forEach(span -> threads.putIfAbsent(span.thread(), threads.size() + 1));
        named("process_name", 0, "Tenon: " + profile.graphs().getFirst().graph().name());
        threads.forEach((name, id) -> named("thread_name", id, name));
        long[] live = live(profile.graphs().getFirst());
        for (Profile.Span span : profile.spans()) {
            complete(span);
            if (span.graph() == 0 && !span.isPart()) {
                memory(span.startNanos(), live[span.step()]);
            }
            if (span.graph() < 0) {
                memory(span.startNanos() + span.nanos(), 0);
            }
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("displayTimeUnit", "ns");
        all.put("otherData", Map.of("calls", profile.calls(), "complete", profile.areAllSpans()));
        all.put("traceEvents", events);
        return JsonText.of(all);
    }

    private Map<String, Object> event(String name, String phase, int thread) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("name", name);
        event.put("ph", phase);
        event.put("pid", PROCESS);
        event.put("tid", thread);
        events.add(event);
        return event;
    }

    private void named(String what, int thread, String name) {
        event(what, "M", thread).put("args", Map.of("name", name));
    }

    private void complete(Profile.Span span) {
        Profile.StepTime step = span.graph() < 0
                ? null
                : profile.graphs().get(span.graph()).steps().get(span.step());
        Map<String, Object> event =
                event(step == null ? "call" : step.step().node().op().title(), "X", threads.get(span.thread()));
        event.put("cat", step == null ? "call" : span.isPart() ? "part" : "step");
        event.put("ts", span.startNanos() / NANOS_A_MICROSECOND);
        event.put("dur", span.nanos() / NANOS_A_MICROSECOND);
        if (step != null) {
            Map<String, Object> args = new LinkedHashMap<>();
            args.put("node", step.step().node().name());
            args.put("kernel", step.step().kernel());
            args.put("graph", profile.graphs().get(span.graph()).graph().name());
            args.put("step", span.step());
            step.step().cost().ifPresent(cost -> args.put("flops", cost.flops()));
            event.put("args", args);
        }
    }

    private void memory(long nanos, long bytes) {
        Map<String, Object> event = event("memory of values", "C", 0);
        event.put("ts", nanos / NANOS_A_MICROSECOND);
        event.put("args", Map.of("bytes", bytes));
    }

    /** The bytes of the values that live during each step. A range within another one is counted once. */
    private static long[] live(Profile.GraphTimes graph) {
        long[] live = new long[graph.steps().size()];
        List<BufferInfo> coming = new ArrayList<>(graph.buffers());
        coming.sort(Comparator.comparingInt(BufferInfo::firstStep));
        List<BufferInfo> now = new ArrayList<>();
        int next = 0;
        for (int step = 0; step < live.length; step++) {
            for (; next < coming.size() && coming.get(next).firstStep() <= step; next++) {
                now.add(coming.get(next));
            }
            int current = step;
            now.removeIf(buffer -> buffer.lastStep() < current);
            now.sort(Comparator.comparingLong(BufferInfo::offset));
            long end = 0;
            for (BufferInfo buffer : now) {
                long from = Math.max(end, buffer.offset());
                live[step] += Math.max(0, buffer.offset() + buffer.bytes() - from);
                end = Math.max(end, buffer.offset() + buffer.bytes());
            }
        }
        return live;
    }
}
