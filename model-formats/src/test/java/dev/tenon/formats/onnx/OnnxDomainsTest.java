package dev.tenon.formats.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.formats.onnx.domain.StandardDomain;
import dev.tenon.formats.onnx.lowering.Lowering;
import dev.tenon.formats.onnx.lowering.OperatorTable;
import dev.tenon.formats.onnx.lowering.OperatorTable.Row;
import dev.tenon.formats.onnx.lowering.OperatorTables.Domain;
import dev.tenon.op.OpDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OnnxDomainsTest {
    /** Operators of the main domain that the standard has dropped, and one that ONNX Runtime puts there. */
    private static final Set<String> OTHERS = Set.of(
            "Affine",
            "Crop",
            "ImageScaler",
            "ParametricSoftplus",
            "Scale",
            "ScaledTanh",
            "SimplifiedLayerNormalization");

    private static final OperatorTable TABLE = OnnxDomains.TABLES.table(StandardDomain.NAME);

    private static Lowering find(String operator, long version) {
        return OnnxDomains.TABLES.find(StandardDomain.NAME, operator, version, OnnxModelBuilder.OPERATORS);
    }

    @Test
    void everyRowHasItsLowering() {
        TABLE.check();
        assertThat(find("Slice", 9)).isNotNull();
    }

    @Test
    void everyVersionOfEveryOperatorHasARow() throws IOException {
        List<String> missing = new ArrayList<>();
        Map<String, List<Integer>> standard = StandardVersions.read();
        for (OpDefinition<?> definition : OnnxModelBuilder.OPERATORS.definitions()) {
            String name = definition.schema().name();
            if (!definition.schema().domain().isEmpty()) {
                continue;
            }
            assertThat(standard).as("operators of the standard").containsKey(name);
            for (int since : standard.get(name)) {
                if (TABLE.rows(name).isEmpty() || find(name, since) == null) {
                    missing.add(name + "-" + since);
                }
            }
            if (find(name, StandardDomain.NEWEST) == null) {
                missing.add(name + "-" + StandardDomain.NEWEST);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyRowIsOfAnOperatorOfTheStandard() throws IOException {
        Map<String, List<Integer>> standard = StandardVersions.read();
        List<String> unknown = new ArrayList<>();
        for (Row row : TABLE.rows()) {
            boolean known = standard.containsKey(row.operator()) || OTHERS.contains(row.operator());
            if (!known || row.first() > row.last() || row.last() > StandardDomain.NEWEST) {
                unknown.add(row.operator() + "-" + row.first());
            }
        }
        assertThat(unknown).isEmpty();
    }

    @Test
    void rowsOfOneOperatorAreInOrderAndDoNotOverlap() {
        List<String> overlapping = new ArrayList<>();
        for (Domain domain : OnnxDomains.TABLES.domains()) {
            Map<String, Integer> reached = new LinkedHashMap<>();
            for (Row row : OnnxDomains.TABLES.table(domain.name()).rows()) {
                if (row.first() <= reached.getOrDefault(row.operator(), 0)) {
                    overlapping.add(domain.name() + "::" + row.operator() + "-" + row.first());
                }
                reached.put(row.operator(), row.last());
            }
            assertThat(reached).as("operators of %s", domain).isNotEmpty();
        }
        assertThat(overlapping).isEmpty();
    }

    @Test
    void domainsThatNobodyKnowsHaveNoRows() {
        assertThat(OnnxDomains.TABLES.table("acme").rows()).isEmpty();
        assertThat(OnnxDomains.TABLES.versions("acme", "Relu", OnnxModelBuilder.OPERATORS))
                .isNull();
    }

    @Test
    void theNewestVersionIsThatOfTheStandard() throws IOException {
        int newest = StandardVersions.read().values().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .max()
                .orElseThrow();
        assertThat(StandardDomain.NEWEST).isEqualTo(newest);
    }

    @Test
    void newerVersionsThanTheNewestAreNotGuessed() {
        assertThat(find("Relu", StandardDomain.NEWEST + 1)).isNull();
        assertThat(find("Relu", 0)).isNull();
    }
}
