package dev.tenon.formats.onnx;

import dev.tenon.formats.onnx.OperatorTables.Domain;

/** The domains of operators that models may use besides those of a caller. */
final class OnnxDomains {
    /** The tables of the domains. */
    static final OperatorTables TABLES = new OperatorTables(
            new Domain(StandardDomain.NAME, StandardDomain.NEWEST, StandardDomain::rows),
            new Domain(MlDomain.NAME, MlDomain.NEWEST, MlDomain::rows),
            new Domain(PreviewDomain.NAME, StandardDomain.NEWEST, PreviewDomain::rows),
            new Domain(MicrosoftDomain.NAME, StandardDomain.NEWEST, MicrosoftDomain::rows));

    private OnnxDomains() {}
}
