"""Two standards in one file: WeasyPrint writes PDF/A-3a (ISO 19005-3), and this adds the mark of PDF/UA-1 (ISO 14289-1)."""

from typing import Any

VARIANT = "pdf/a-3a"
END_OF_DESCRIPTION = b"</rdf:RDF>"

# PDF/A allows a metadata property only if its schema is known or described: the second part describes the first.
MARK_OF_ACCESSIBILITY = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
  <pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas>
    <rdf:Bag>
      <rdf:li rdf:parseType="Resource">
        <pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
        <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
        <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
        <pdfaSchema:property>
          <rdf:Seq>
            <rdf:li rdf:parseType="Resource">
              <pdfaProperty:name>part</pdfaProperty:name>
              <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
              <pdfaProperty:category>internal</pdfaProperty:category>
              <pdfaProperty:description>The part of ISO 14289 that the file conforms to</pdfaProperty:description>
            </rdf:li>
          </rdf:Seq>
        </pdfaSchema:property>
      </rdf:li>
    </rdf:Bag>
  </pdfaExtension:schemas>
</rdf:Description>
"""


def mark_accessible(document: Any, pdf: Any) -> None:
    """Write the PDF/UA mark into the metadata of a PDF about to be written; a finisher of WeasyPrint.

    It goes inside the one rdf:RDF there is: a second one, which is what `xmp_metadata=` appends, is not read.
    """
    stream = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    before, end, after = b"".join(stream.stream).partition(END_OF_DESCRIPTION)
    if not end:
        raise ValueError("WeasyPrint wrote metadata without rdf:RDF.")
    stream.stream = [before, MARK_OF_ACCESSIBILITY, end, after]
